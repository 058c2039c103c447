/* SPDX-License-Identifier: BSD-3-Clause */
/* The exit of queries (query.h), and their answers as they are sent. */
#include "plugin/compat.h"
#include "plugin/query.h"

#include "plugin/blocked_answer.h"
#include "plugin/cache.h"
#include "plugin/core/count.h"
#include "plugin/differing_answer.h"
#include "plugin/query_state.h"
#include "plugin/stored_answer.h"
#include "plugin/targets.h"
#include "plugin/validation.h"

/* Decides for one client by what was found. `named`: this table decided about the name at entry, and let it pass. */
static struct ruling decide_for(const struct query_env *env, const struct module_qstate *qstate,
	const struct reply_info *rep, bool named, const struct mesh_reply *client, uint16_t *group)
{
	*group = client_group(table_policy(env->table->table), client);
	return targets_decide_found(env->table->table, &qstate->qinfo, rep, named, *group);
}

/* Whether two rulings give the same answer. */
static bool is_same_answer(const struct ruling *a, const struct ruling *b)
{
	if (!ruling_blocks(a) || !ruling_blocks(b))
		return ruling_blocks(a) == ruling_blocks(b);
	return a->effect.action == b->effect.action && a->effect.category == b->effect.category;
}

/* What the waiting clients get by what was found. */
struct clients_ruling {
	struct ruling first;            /* for the first client */
	bool differ;                    /* another client gets another answer */
	struct ruling strongest;        /* for any of them */
	const struct mesh_reply *whose; /* the client that it was made for */
};

/* Decides for each client, and counts that where `count` says so. */
static struct clients_ruling decide_for_clients(const struct query_env *env, const struct module_qstate *qstate, int id,
	const struct reply_info *rep, bool count)
{
	bool named = is_named(env, qstate, id);
	const struct mesh_reply *client = clients_first(qstate);
	uint16_t group;
	struct ruling ruling = decide_for(env, qstate, rep, named, client, &group);
	struct clients_ruling all = {.first = ruling, .strongest = ruling, .whose = client};
	while (client) {
		if (count)
			query_count(env, qstate, &ruling, group, client);
		client = clients_next(client);
		if (!client || client_group(table_policy(env->table->table), client) == group)
			continue;
		ruling = decide_for(env, qstate, rep, named, client, &group);
		all.differ |= !is_same_answer(&all.first, &ruling);
		if (ruling.effect.action > all.strongest.effect.action) {
			all.strongest = ruling;
			all.whose = client;
		}
	}
	return all;
}

/* Removes from the cache what it must not hold of this query. */
static void clean_cache(const struct query_env *env, struct module_qstate *qstate, const struct reply_info *rep,
	const struct ruling *anyone)
{
	const struct table *table = env->table->table;
	bool blocked = ruling_blocks(anyone);
	unsigned evicted = blocked;
	if (blocked)
		cache_evict(qstate);
	if (blocked && rep)
		cache_displace(qstate, table, rep);
	if (rep)
		evicted += cache_evict_aliased(qstate, table, rep, blocked);
	if (evicted > 0)
		counters_count(current_counters(env->slot), COUNT_EVICTED, evicted);
}

/* Whether what was found is the same for everybody, and in none of Unbound's caches. With subnetcache only an answer
 * that a server gave without a subnet is sure to be the same. */
static bool is_storable(const struct module_qstate *qstate, uintptr_t flags, const struct ruling *anyone)
{
	if (is_internal(qstate) || (qstate->env->unique_mesh && (flags & (FLAG_ASKED | FLAG_SUBNET)) != FLAG_ASKED))
		return false;
	return (flags & FLAG_UNSTORED) || ruling_blocks(anyone);
}

/* Whether an allow rule of this table frees the name, and with it what it leads to. */
static bool is_freed(const struct query_env *env, const struct module_qstate *qstate, int id)
{
	return is_named(env, qstate, id) && (flags_of(qstate, id) & FLAG_ALLOWED);
}

/* Decides for everybody by what was found, and makes the caches agree with that. */
static struct ruling decide_for_anyone(
	const struct query_env *env, struct module_qstate *qstate, int id, const struct reply_info *rep, bool keep)
{
	uintptr_t flags = flags_of(qstate, id);
	bool named = is_named(env, qstate, id);
	struct ruling anyone = {0};
	if (!is_freed(env, qstate, id))
		anyone = targets_decide_found(
			env->table->table, &qstate->qinfo, rep, named && !(flags & FLAG_OTHERS), GROUP_ANYONE);
	if (keep && env->store && is_storable(qstate, flags, &anyone) && stored_answer_keep(env->store, qstate))
		counters_add(current_counters(env->slot), COUNT_STORED);
	clean_cache(env, qstate, rep, &anyone);
	return anyone;
}

static bool has_failed(const struct module_qstate *qstate)
{
	const struct reply_info *rep = qstate->return_msg ? qstate->return_msg->rep : NULL;
	return rep ? FLAGS_GET_RCODE(rep->flags) == LDNS_RCODE_SERVFAIL : qstate->return_rcode == LDNS_RCODE_SERVFAIL;
}

/* Finds an expired answer for a query that has failed, as Unbound does in its own cache. Returns whether there is
 * one. */
static bool find_expired(const struct query_env *env, struct module_qstate *qstate)
{
	if (!env->store || !qstate->env->cfg->serve_expired || !has_failed(qstate))
		return false;
	struct stored_answer stored = stored_answer_find(env->store, qstate, true);
	if (!stored.message)
		return false;
	qstate->return_msg = stored.message;
	qstate->return_rcode = LDNS_RCODE_NOERROR;
	return true;
}

/* Each client gets its own answer when Unbound sends them. Queries that wait for this one are told what was found: what becomes
 * of it may be for other clients. Where all clients have waited for too long Unbound makes no answer at all, and those queries
 * see the message as it is here: so what is bogus is never shown them as anything else. */
static void let_differ(const struct query_env *env, struct module_qstate *qstate, int id, bool blocked, bool expired)
{
	const struct reply_info *rep = qstate->return_msg ? qstate->return_msg->rep : NULL;
	bool honest = rep && is_bogus(rep->security) && queries_wait(qstate);
	query_make_unshareable(qstate);
	if (differing_begin(qstate, blocked && !honest)) {
		set_flags(qstate, id, flags_of(qstate, id) | FLAG_DIFFERS | (expired ? FLAG_EXPIRED : 0));
		return;
	}
	counters_add(current_counters(env->slot), COUNT_FAILED);
	qstate->return_msg = NULL;
	qstate->return_rcode = LDNS_RCODE_SERVFAIL;
}

void query_exit(const struct query_env *env, struct module_qstate *qstate, int id)
{
	const struct reply_info *rep = qstate->return_msg ? qstate->return_msg->rep : NULL;
	struct ruling anyone = decide_for_anyone(env, qstate, id, rep, true);
	if (is_internal(qstate) || !clients_wait(qstate))
		return;
	bool expired = find_expired(env, qstate), freed = is_freed(env, qstate, id);
	if (!expired && (freed || anyone.kind == DECISION_PASS))
		return;
	rep = qstate->return_msg ? qstate->return_msg->rep : NULL;
	struct clients_ruling clients = {.differ = false};
	if (!freed)
		clients = decide_for_clients(env, qstate, id, rep, true);
	bool blocked = ruling_blocks(&clients.strongest);
	if (env->tells_apart && (clients.differ || (blocked && queries_wait(qstate))))
		let_differ(env, qstate, id, ruling_blocks(&clients.first), expired);
	else if (blocked)
		query_block(env, qstate, id, &clients.strongest, true);
	else if (expired)
		query_tell_expired(qstate, NULL);
}

/* ---- when an answer is sent ---- */

bool query_differs(const struct module_qstate *qstate, int id, const struct reply_info *rep)
{
	return (flags_of(qstate, id) & FLAG_DIFFERS) && differing_is_sent(qstate, rep);
}

/* What a client gets that must not get what there is. Unbound asks its callbacks whether an answer may go out, but sends it whatever they
 * say. */
static void make_failure(struct reply_info *rep)
{
	*rep = (struct reply_info){
		.flags = BIT_QR | BIT_RA | LDNS_RCODE_SERVFAIL, .qdcount = 1, .security = sec_status_indeterminate};
}

static void withhold_answer(const struct query_env *env, struct reply_info *rep)
{
	counters_add(current_counters(env->slot), COUNT_FAILED);
	make_failure(rep);
}

/* Makes one client's own answer of what was found, as was decided for the client. */
static bool make_own(const struct query_env *env, struct module_qstate *qstate, int id, struct reply_info *rep,
	const struct mesh_reply *client, const struct ruling *ruling)
{
	bool blocked = ruling_blocks(ruling);
	if (!differing_reset(qstate, blocked))
		return false;
	if (blocked)
		return answer_at_once(qstate, client, ruling, env->table->table, rep);
	if (flags_of(qstate, id) & FLAG_EXPIRED)
		query_tell_expired(qstate, client);
	return true;
}

/* Prepares for the next client. What is decided for one of its group holds for it. */
static void expect_next(const struct query_env *env, struct module_qstate *qstate, int id,
	const struct mesh_reply *client, const struct mesh_reply *next, bool blocked, uint16_t group)
{
	if (client_group(table_policy(env->table->table), next) != group) {
		struct ruling ruling =
			decide_for(env, qstate, differing_found(qstate), is_named(env, qstate, id), next, &group);
		blocked = ruling_blocks(&ruling);
	}
	if (blocked)
		differing_tell_bogus(qstate, client);
	differing_expect(qstate, blocked);
}

void query_reply(const struct query_env *env, struct module_qstate *qstate, int id, struct reply_info *rep,
	const struct comm_reply *to)
{
	if (!env->table) {
		if (!differing_reset(qstate, false))
			make_failure(rep);
		return;
	}
	const struct mesh_reply *client = client_of(to), *next = clients_next(client);
	uint16_t group;
	struct ruling ruling =
		decide_for(env, qstate, differing_found(qstate), is_named(env, qstate, id), client, &group);
	if (!make_own(env, qstate, id, rep, client, &ruling))
		withhold_answer(env, rep);
	if (next)
		expect_next(env, qstate, id, client, next, ruling_blocks(&ruling), group);
}

void query_early(const struct query_env *env, struct module_qstate *qstate, int id, struct reply_info *rep)
{
	struct ruling anyone = decide_for_anyone(env, qstate, id, rep, false);
	if (anyone.kind == DECISION_PASS || is_internal(qstate) || !clients_wait(qstate))
		return;
	/* This is called for each client in turn, so one is counted. */
	struct clients_ruling clients = decide_for_clients(env, qstate, id, rep, false);
	const struct ruling *ruling = &clients.strongest;
	uint16_t group = client_group(table_policy(env->table->table), clients.whose);
	query_count(env, qstate, ruling, group, clients.whose);
	if (ruling_blocks(ruling) && !answer_at_once(qstate, NULL, ruling, env->table->table, rep))
		withhold_answer(env, rep);
}
