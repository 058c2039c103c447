/* SPDX-License-Identifier: BSD-3-Clause */
#include "plugin/compat.h"
#include "plugin/query.h"

#include "plugin/blocked_answer.h"
#include "plugin/cache.h"
#include "plugin/clients.h"
#include "plugin/core/count.h"
#include "plugin/core/decide.h"
#include "plugin/targets.h"

/* What the module knows of a query from one event to the next. It fits into the pointer that the query's state has for
 * the module, so it needs no memory. It is the number of the table that let the query pass at entry (0: the query was
 * not seen), and these flags. */
enum {
	FLAG_ALLOWED = 1,  /* by an allow rule, which frees its targets too */
	FLAG_UNSTORED = 2, /* its answer is not to be stored */
	FLAG_OTHERS = 4,   /* its name, or what it is an alias of, is blocked for others */
	FLAG_WAITING = 8,  /* for a redirect's target */
	FLAGS_BITS = 4,
};

static uintptr_t flags_of(const struct module_qstate *qstate, int id)
{
	return (uintptr_t)qstate->minfo[id];
}

static void set_flags(struct module_qstate *qstate, int id, uintptr_t flags)
{
	qstate->minfo[id] = (void *)flags;
}

static bool is_internal(const struct module_qstate *qstate)
{
	return qstate->is_priming || qstate->is_valrec;
}

/* Whether this query is a step of another module's query, or of a redirect of ours. A step must not be given our
 * answer, because its result may be stored. The query that it serves comes through here as well. */
static bool is_step(const struct module_qstate *qstate)
{
	return !clients_wait(qstate) && qstate->mesh_info->super_set.count > 0;
}

/* Keeps clients that ask the same later from sharing this query: each gets a query of its own, and a decision of its
 * own. Unbound finds the state by a key, and being unshareable is a part of that key. So the key cannot change while
 * other queries hold the state by it: those that wait for it, and those that it waits for. */
static void make_unshareable(struct module_qstate *qstate)
{
	struct mesh_state *state = qstate->mesh_info;
	if (state->unique || state->super_set.count > 0 || state->sub_set.count > 0)
		return;
	bool runnable = rbtree_delete(&qstate->env->mesh->run, &state->run_node) != NULL;
	rbtree_delete(&qstate->env->mesh->all, &state->node);
	mesh_state_make_unique(state);
	rbtree_insert(&qstate->env->mesh->all, &state->node);
	if (runnable)
		rbtree_insert(&qstate->env->mesh->run, &state->run_node);
}

/* Gives the clients what the ruling says. Returns whether the query goes on as if it were not blocked. */
static bool block_query(struct module_qstate *qstate, int id, const struct ruling *ruling,
	const struct current_table *table, const struct current_slot *slot, bool answered)
{
	const struct weir_header *header = table_header(table->table);
	qstate->ext_state[id] = module_finished;
	if (ruling->effect.action == ACTION_REDIRECT)
		make_unshareable(qstate);
	switch (answer_blocked(qstate, ruling, header, answered)) {
	case ANSWER_COMPLETE: break;
	case ANSWER_RESOLVE: return true;
	case ANSWER_WAIT:
		qstate->ext_state[id] = module_wait_subquery;
		set_flags(qstate, id, flags_of(qstate, id) | FLAG_WAITING);
		break;
	case ANSWER_FAILED:
		counters_add(current_counters(slot), COUNT_FAILED);
		qstate->return_msg = NULL;
		qstate->return_rcode = LDNS_RCODE_SERVFAIL;
		break;
	}
	return false;
}

/* Decides by the name, and by where the records in the cache lead from it. Sets `others` if the name is blocked for
 * somebody. */
static struct ruling decide_entry(
	const struct current_table *table, const struct module_qstate *qstate, uint16_t group, bool *others)
{
	const uint8_t *name = qstate->qinfo.qname;
	size_t length = qstate->qinfo.qname_len;
	struct ruling ruling = decide_question(table->table, name, length, qstate->qinfo.qtype, group);
	*others = ruling_blocks_anyone(&ruling);
	if (ruling.kind == DECISION_ALLOW || *others)
		return ruling;
	struct ruling anyone = targets_decide_chain(qstate, table->table, name, length, GROUP_ANYONE);
	*others = ruling_blocks(&anyone);
	return *others ? ruling_stronger(ruling, targets_decide_chain(qstate, table->table, name, length, group))
		       : ruling;
}

void query_entry(
	const struct current_table *table, struct module_qstate *qstate, int id, const struct current_slot *slot)
{
	if (is_internal(qstate) || is_step(qstate))
		return;
	if (!clients_wait(qstate) && clients_include_unbound(qstate)) {
		make_unshareable(qstate);
		return;
	}
	counters_add(current_counters(slot), COUNT_QUERIES);
	const struct mesh_reply *client = clients_first(qstate);
	uint16_t group = client_group(table_policy(table->table), client);
	bool others;
	struct ruling ruling = decide_entry(table, qstate, group, &others);
	if (clients_wait(qstate))
		count_ruling(table, slot, &ruling, qstate->qinfo.qtype, group, client_address(client));
	if (ruling_blocks(&ruling)) {
		if (!block_query(qstate, id, &ruling, table, slot, false))
			return;
		qstate->ext_state[id] = module_wait_module;
	}
	if (others) {
		make_unshareable(qstate);
		if (targets_begin_with_alias(qstate))
			qstate->no_cache_store = 1;
	}
	set_flags(qstate, id,
		(uintptr_t)table->number << FLAGS_BITS | (ruling.kind == DECISION_ALLOW ? FLAG_ALLOWED : 0) |
			(others ? FLAG_OTHERS | FLAG_UNSTORED : 0));
}

/* The ruling on a server's response, for the cache. */
static struct ruling decide_response(
	const struct table *table, const struct module_qstate *qstate, const struct dns_msg *response)
{
	struct ruling ruling = targets_decide_message(table, &response->qinfo, response->rep, GROUP_ANYONE);
	if (ruling.kind != DECISION_ALLOW && !ruling_blocks(&ruling))
		ruling = targets_decide_beyond(qstate, table, response->rep);
	return ruling;
}

/* QNAME minimisation asks for names above the question's name first. If such a name is blocked, that says nothing about
 * the question. Any other blocked piece of a chain of aliases makes the whole chain blocked.
 *
 * The message's own lifetime keeps it from being stored under a blocked name. The resolver may still keep the records
 * of a referral, and those that it asked for itself (addresses of servers, keys). The flag no_cache_store is for
 * cachedb, which with serve-expired also stores messages with a lifetime of 0. */
void query_response(const struct current_table *table, struct module_qstate *qstate, int id, struct dns_msg *response)
{
	if (!response || !response->rep)
		return;
	cache_displace(qstate, table->table, response->rep);
	uintptr_t flags = flags_of(qstate, id);
	if (!(flags & FLAG_UNSTORED)) {
		struct ruling ruling = decide_response(table->table, qstate, response);
		if (!ruling_blocks(&ruling))
			return;
		if (!dname_strict_subdomain_c(qstate->qinfo.qname, response->qinfo.qname))
			set_flags(qstate, id, flags |= FLAG_UNSTORED);
	}
	cache_make_transient(response->rep);
	if ((flags & FLAG_UNSTORED) && response->rep->an_numrrsets > 0 && !is_internal(qstate) && !is_step(qstate))
		qstate->no_cache_store = 1;
}

/* Decides for a client's group by what was found: `rep`, or NULL. `fresh`: this same table decided about the name at
 * entry, and let it pass. */
static struct ruling decide_found(const struct current_table *table, const struct module_qstate *qstate,
	const struct reply_info *rep, bool fresh, uint16_t group)
{
	if (fresh)
		return rep ? targets_decide(table->table, &qstate->qinfo, rep, group) : (struct ruling){0};
	return targets_decide_message(table->table, &qstate->qinfo, rep, group);
}

/* The strongest ruling for any of the waiting clients. `*whose` is the client that it was made for. */
static struct ruling decide_for_clients(const struct current_table *table, const struct module_qstate *qstate,
	const struct reply_info *rep, bool fresh, const struct mesh_reply **whose)
{
	const struct policy *policy = table_policy(table->table);
	const struct mesh_reply *client = clients_first(qstate);
	uint16_t group = client_group(policy, client);
	struct ruling strongest = decide_found(table, qstate, rep, fresh, group);
	*whose = client;
	while (client && (client = clients_next(client))) {
		uint16_t next = client_group(policy, client);
		struct ruling ruling = next == group ? strongest : decide_found(table, qstate, rep, fresh, next);
		if (ruling.effect.action > strongest.effect.action) {
			strongest = ruling;
			*whose = client;
		}
		group = next;
	}
	return strongest;
}

/* Removes from the cache what it must not hold of this query. */
static void clean_cache(const struct current_table *table, struct module_qstate *qstate, const struct reply_info *rep,
	const struct ruling *anyone, const struct current_slot *slot)
{
	bool blocked = ruling_blocks(anyone);
	unsigned evicted = blocked;
	if (blocked)
		cache_evict(qstate);
	if (blocked && rep)
		cache_displace(qstate, table->table, rep);
	if (rep)
		evicted += cache_evict_aliased(qstate, table->table, rep, blocked);
	if (evicted > 0)
		counters_count(current_counters(slot), COUNT_EVICTED, evicted);
}

/* Decides by what was found. Returns whether the clients must not get it; then `*ruling` says what they get. */
static bool is_blocked_for_clients(const struct current_table *table, struct module_qstate *qstate, int id,
	const struct reply_info *rep, const struct current_slot *slot, struct ruling *ruling)
{
	uintptr_t flags = flags_of(qstate, id);
	bool fresh = flags >> FLAGS_BITS == table->number;
	struct ruling anyone = {0};
	if (!(fresh && (flags & FLAG_ALLOWED)))
		anyone = decide_found(table, qstate, rep, fresh && !(flags & FLAG_OTHERS), GROUP_ANYONE);
	clean_cache(table, qstate, rep, &anyone, slot);
	if (anyone.kind == DECISION_PASS || is_internal(qstate) || !clients_wait(qstate))
		return false;
	const struct mesh_reply *whose;
	*ruling = decide_for_clients(table, qstate, rep, fresh, &whose);
	count_ruling(table, slot, ruling, qstate->qinfo.qtype, client_group(table_policy(table->table), whose),
		client_address(whose));
	return ruling_blocks(ruling);
}

void query_exit(
	const struct current_table *table, struct module_qstate *qstate, int id, const struct current_slot *slot)
{
	const struct reply_info *rep = qstate->return_msg ? qstate->return_msg->rep : NULL;
	struct ruling ruling;
	if (is_blocked_for_clients(table, qstate, id, rep, slot, &ruling))
		block_query(qstate, id, &ruling, table, slot, true);
}

bool query_early(const struct current_table *table, struct module_qstate *qstate, int id, struct reply_info *rep,
	const struct current_slot *slot)
{
	struct ruling ruling;
	if (!is_blocked_for_clients(table, qstate, id, rep, slot, &ruling) ||
		answer_early(qstate, &ruling, table_header(table->table), rep))
		return true;
	counters_add(current_counters(slot), COUNT_FAILED);
	return false;
}

bool query_resume(struct module_qstate *qstate, int id)
{
	if (!(flags_of(qstate, id) & FLAG_WAITING))
		return false;
	qstate->ext_state[id] = module_finished;
	return true;
}

void query_inform(struct module_qstate *qstate, int id, const struct module_qstate *found)
{
	if (flags_of(qstate, id) & FLAG_WAITING)
		answer_merge(qstate, found);
}

void query_cached(const struct current_table *table, const struct query_info *question, const struct comm_reply *client,
	const struct current_slot *slot)
{
	uint16_t group = address_group(table_policy(table->table), &client->client_addr);
	struct ruling ruling =
		decide_question(table->table, question->qname, question->qname_len, question->qtype, group);
	if (ruling.kind == DECISION_BLOCK && ruling.effect.action == ACTION_LOG)
		count_ruling(table, slot, &ruling, question->qtype, group, &client->client_addr);
}
