/* SPDX-License-Identifier: BSD-3-Clause */
#include "plugin/compat.h"
#include "plugin/query.h"

#include "plugin/blocked_answer.h"
#include "plugin/cache.h"
#include "plugin/core/count.h"
#include "plugin/query_state.h"
#include "plugin/stored_answer.h"
#include "plugin/targets.h"

/* Decides by the name, and by where the records in the cache lead from it. Sets `others` if the name is blocked for
 * somebody. */
static struct ruling decide_entry(
	const struct table *table, const struct module_qstate *qstate, uint16_t group, bool *others)
{
	const uint8_t *name = qstate->qinfo.qname;
	size_t length = qstate->qinfo.qname_len;
	struct ruling ruling = decide_question(table, name, length, qstate->qinfo.qtype, group);
	*others = ruling_blocks_anyone(&ruling);
	if (ruling.kind == DECISION_ALLOW || *others)
		return ruling;
	struct ruling anyone = targets_decide_chain(qstate, table, name, length, GROUP_ANYONE);
	*others = ruling_blocks(&anyone);
	return *others ? ruling_stronger(ruling, targets_decide_chain(qstate, table, name, length, group)) : ruling;
}

enum { MORE_LEEWAY = 60 }; /* seconds; Unbound's PREFETCH_EXPIRY_ADD */

/* Fetches again what a client is being answered with, for those who ask later. It is a query of its own, that the cache
 * does not answer; this one ends before it begins. `left`: so many seconds before the answer expires. Unbound must take new
 * records for better than those that expire together with the answer. Such queries are no client's, so nothing else limits
 * how many there are; what is not fetched now is due again in some seconds. */
static void refresh(struct module_qstate *qstate, time_t left)
{
	const struct mesh_area *mesh = qstate->env->mesh;
	struct query_info question = qstate->qinfo;
	struct module_qstate *fetch = NULL;
	if (mesh->all.count >= 2 * mesh->max_reply_states)
		return;
	question.local_alias = NULL;
	query_make_unshareable(qstate);
	if (!compat_attach_sub(qstate, &question, qstate->query_flags & (BIT_RD | BIT_CD), &fetch) || !fetch)
		return;
	sock_list_insert(&fetch->blacklist, NULL, 0, fetch->region);
	fetch->prefetch_leeway = (left > 0 ? left : 0) + MORE_LEEWAY;
}

/* Answers a client, whose name the ruling lets pass, from the store. Returns whether that was done. What is blocked for nobody
 * any more is for Unbound's cache again. */
static bool answer_from_store(
	const struct query_env *env, struct module_qstate *qstate, int id, const struct ruling *name, bool others)
{
	const struct table *table = env->table->table;
	const struct config_file *cfg = qstate->env->cfg;
	if (!env->store || !clients_wait(qstate) || qstate->blacklist)
		return false;
	struct stored_answer stored =
		stored_answer_find(env->store, qstate, cfg->serve_expired && cfg->serve_expired_client_timeout == 0);
	if (!stored.message)
		return false;
	struct ruling ruling = {0};
	if (name->kind != DECISION_ALLOW) {
		struct ruling anyone = targets_decide(table, &qstate->qinfo, stored.message->rep, GROUP_ANYONE);
		if (!others && !ruling_blocks(&anyone)) {
			stored_answer_drop(env->store, qstate);
			return false;
		}
		if (anyone.kind == DECISION_BLOCK) {
			const struct mesh_reply *client = clients_first(qstate);
			uint16_t group = client_group(table_policy(table), client);
			ruling = targets_decide(table, &qstate->qinfo, stored.message->rep, group);
			query_count(env, qstate, &ruling, group, client);
		}
	}
	counters_add(current_counters(env->slot), COUNT_FROM_STORE);
	qstate->return_msg = stored.message;
	qstate->return_rcode = LDNS_RCODE_NOERROR;
	qstate->ext_state[id] = module_finished;
	if (ruling_blocks(&ruling)) {
		query_block(env, qstate, id, &ruling, true);
		return true;
	}
	if (stored.expired)
		query_tell_expired(qstate, NULL);
	if (stored.due)
		refresh(qstate, stored.left);
	return true;
}

/* Where there are groups, a query for which no client waits is decided upon for nobody: it is for whoever asks later. */
static bool is_for_later(const struct query_env *env, const struct module_qstate *qstate)
{
	return !clients_wait(qstate) && table_policy(env->table->table)->group_count > 0;
}

void query_entry(const struct query_env *env, struct module_qstate *qstate, int id)
{
	if (is_internal(qstate) || is_step(qstate))
		return;
	if (!clients_wait(qstate) && clients_include_unbound(qstate)) {
		query_make_unshareable(qstate);
		return;
	}
	counters_add(current_counters(env->slot), COUNT_QUERIES);
	const struct mesh_reply *client = clients_first(qstate);
	uint16_t group = client_group(table_policy(env->table->table), client);
	bool others;
	struct ruling ruling = decide_entry(env->table->table, qstate, group, &others);
	if (clients_wait(qstate))
		query_count(env, qstate, &ruling, group, client);
	if (ruling_blocks(&ruling) && !is_for_later(env, qstate)) {
		if (!query_block(env, qstate, id, &ruling, false))
			return;
		qstate->ext_state[id] = module_wait_module;
	}
	set_flags(qstate, id,
		(uintptr_t)env->table->number << FLAGS_BITS | (ruling.kind == DECISION_ALLOW ? FLAG_ALLOWED : 0) |
			(others ? FLAG_OTHERS | FLAG_UNSTORED : 0));
	if (answer_from_store(env, qstate, id, &ruling, others) || !others)
		return;
	query_make_unshareable(qstate);
	if (targets_begin_with_alias(qstate))
		qstate->no_cache_store = 1;
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

/* Only subnetcache makes every query unshareable (unique_mesh). */
static void note_subnet(struct module_qstate *qstate, int id)
{
	uintptr_t flags = flags_of(qstate, id) | FLAG_ASKED;
#ifdef CLIENT_SUBNET
	if (edns_opt_list_find(qstate->edns_opts_back_in, qstate->env->cfg->client_subnet_opcode))
		flags |= FLAG_SUBNET;
#endif
	set_flags(qstate, id, flags);
}

/* QNAME minimisation asks for names above the question's name first. If such a name is blocked, that says nothing about
 * the question. Any other blocked piece of a chain of aliases makes the whole chain blocked.
 *
 * The message's own lifetime keeps it from being stored under a blocked name. The resolver may still keep the records
 * of a referral, and those that it asked for itself (addresses of servers, keys). The flag no_cache_store is for
 * cachedb, which with serve-expired also stores messages with a lifetime of 0. */
void query_response(const struct query_env *env, struct module_qstate *qstate, int id, struct dns_msg *response)
{
	const struct table *table = env->table->table;
	if (!response || !response->rep)
		return;
	if (qstate->env->unique_mesh)
		note_subnet(qstate, id);
	cache_displace(qstate, table, response->rep);
	uintptr_t flags = flags_of(qstate, id);
	if (!(flags & FLAG_UNSTORED)) {
		struct ruling ruling = decide_response(table, qstate, response);
		if (!ruling_blocks(&ruling))
			return;
		if (!dname_strict_subdomain_c(qstate->qinfo.qname, response->qinfo.qname))
			set_flags(qstate, id, flags |= FLAG_UNSTORED);
	}
	cache_make_transient(response->rep);
	if ((flags & FLAG_UNSTORED) && response->rep->an_numrrsets > 0 && !is_internal(qstate) && !is_step(qstate))
		qstate->no_cache_store = 1;
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

void query_cached(
	const struct query_env *env, const struct query_info *question, const struct comm_reply *client, time_t now)
{
	const struct table *table = env->table->table;
	uint16_t group = address_group(table_policy(table), &client->client_addr);
	struct ruling ruling = decide_question(table, question->qname, question->qname_len, question->qtype, group);
	if (ruling.kind == DECISION_BLOCK && ruling.effect.action == ACTION_LOG)
		count_ruling(env->table, env->slot, &ruling,
			&(struct counted_query){question->qtype, group, &client->client_addr, now});
}
