/* SPDX-License-Identifier: BSD-3-Clause */
#include "plugin/compat.h"
#include "plugin/query_state.h"

#include "plugin/blocked_answer.h"
#include "plugin/core/count.h"

/* Unbound finds the state by a key, and being unshareable is a part of that key. So the key cannot change while
 * other queries hold the state by it: those that wait for it, and those that it waits for. */
void query_make_unshareable(struct module_qstate *qstate)
{
	struct mesh_state *state = qstate->mesh_info;
	if (state->unique || queries_wait(qstate) || state->sub_set.count > 0)
		return;
	bool runnable = rbtree_delete(&qstate->env->mesh->run, &state->run_node) != NULL;
	rbtree_delete(&qstate->env->mesh->all, &state->node);
	mesh_state_make_unique(state);
	rbtree_insert(&qstate->env->mesh->all, &state->node);
	if (runnable)
		rbtree_insert(&qstate->env->mesh->run, &state->run_node);
}

void query_tell_expired(struct module_qstate *qstate, const struct mesh_reply *client)
{
	const struct config_file *cfg = qstate->env->cfg;
	if (!cfg->ede || !cfg->ede_serve_expired)
		return;
	if (!(client ? client_tell(qstate, client, 0, LDNS_EDE_STALE_ANSWER, "")
		     : clients_tell(qstate, 0, LDNS_EDE_STALE_ANSWER, "")))
		log_err("weir: out of memory; an expired answer is not marked as such");
}

void query_count(const struct query_env *env, const struct module_qstate *qstate, const struct ruling *ruling,
	uint16_t group, const struct mesh_reply *client)
{
	const struct counted_query query = {qstate->qinfo.qtype, group, client_address(client), *qstate->env->now};
	count_ruling(env->table, env->slot, ruling, &query);
}

bool query_block(
	const struct query_env *env, struct module_qstate *qstate, int id, const struct ruling *ruling, bool answered)
{
	qstate->ext_state[id] = module_finished;
	if (ruling->effect.action == ACTION_REDIRECT)
		query_make_unshareable(qstate);
	switch (answer_blocked(qstate, ruling, env->table->table, answered)) {
	case ANSWER_COMPLETE: break;
	case ANSWER_RESOLVE: return true;
	case ANSWER_WAIT:
		qstate->ext_state[id] = module_wait_subquery;
		set_flags(qstate, id, flags_of(qstate, id) | FLAG_WAITING);
		break;
	case ANSWER_FAILED:
		counters_add(current_counters(env->slot), COUNT_FAILED);
		qstate->return_msg = NULL;
		qstate->return_rcode = LDNS_RCODE_SERVFAIL;
		break;
	}
	return false;
}
