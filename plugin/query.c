#include "compat.h"
#include "query.h"

#include "answer.h"
#include "cache.h"
#include "decide.h"

/* A query's mark, kept from event to event in the pointer that its state has for the module, so that it needs no
 * memory: the number of the table that let it pass at entry (0: it was not seen), whether that was by an allow rule,
 * which frees its targets too, and whether it is we who keep its answer from being stored (other modules do so for
 * reasons of their own). */
enum { MARK_ALLOWED = 1, MARK_UNSTORED = 2, MARK_SHIFT = 2 };

static uintptr_t mark_of(const struct module_qstate *qstate, int id)
{
	return (uintptr_t)qstate->minfo[id];
}

static void set_mark(struct module_qstate *qstate, int id, uintptr_t mark)
{
	qstate->minfo[id] = (void *)mark;
}

static bool is_internal(const struct module_qstate *qstate)
{
	return qstate->is_priming || qstate->is_valrec;
}

/* Whether somebody waits for the answer. If not, it is for another module (dns64 asks for A records on the way to
 * AAAA), which may build on it and store the result: it must not be given our answer. What it makes comes through here
 * again. */
static bool is_asked(const struct module_qstate *qstate)
{
	return qstate->mesh_info->reply_list || qstate->mesh_info->cb_list;
}

static void count_ruling(struct counters_worker *counters, const struct ruling *ruling)
{
	if (ruling_blocks(ruling))
		counters_add(counters, ruling->target ? COUNT_BLOCKED_TARGET : COUNT_BLOCKED_NAME);
	else if (ruling->kind == DECISION_BLOCK)
		counters_add(counters, COUNT_LOGGED);
	else if (ruling->kind == DECISION_ALLOW)
		counters_add(counters, COUNT_ALLOWED);
}

static void block(struct module_qstate *qstate, int id, const struct ruling *ruling, const struct live_table *table,
	struct counters_worker *counters)
{
	if (!answer_blocked(qstate, ruling, table_header(table->table)->generation)) {
		counters_add(counters, COUNT_FAILED);
		qstate->return_msg = NULL;
		qstate->return_rcode = LDNS_RCODE_SERVFAIL;
	}
	qstate->ext_state[id] = module_finished;
}

void query_entry(const struct live_table *table, struct module_qstate *qstate, int id, struct counters_worker *counters)
{
	if (is_internal(qstate))
		return;
	counters_add(counters, COUNT_QUERIES);
	struct ruling ruling = decide_name(table->table, qstate->qinfo.qname, qstate->qinfo.qname_len);
	count_ruling(counters, &ruling);
	if (ruling_blocks(&ruling)) {
		/* The cache did not answer this client, but there may be something for others (CD). */
		cache_evict(qstate);
		block(qstate, id, &ruling, table, counters);
		return;
	}
	uintptr_t allowed = ruling.kind == DECISION_ALLOW ? MARK_ALLOWED : 0;
	set_mark(qstate, id, (uintptr_t)table->number << MARK_SHIFT | allowed);
}

void query_response(
	const struct live_table *table, struct module_qstate *qstate, int id, const struct dns_msg *response)
{
	if (!response || !response->rep)
		return;
	struct ruling ruling = decide_name(table->table, response->qinfo.qname, response->qinfo.qname_len);
	if (ruling.kind != DECISION_ALLOW && !ruling_blocks(&ruling))
		ruling = cache_decide_targets(table->table, response->rep);
	uintptr_t mark = mark_of(qstate, id);
	if (ruling_blocks(&ruling) && !qstate->no_cache_store) {
		qstate->no_cache_store = 1;
		set_mark(qstate, id, mark | MARK_UNSTORED);
	} else if (!ruling_blocks(&ruling) && (mark & MARK_UNSTORED)) {
		qstate->no_cache_store = 0;
		set_mark(qstate, id, mark & ~(uintptr_t)MARK_UNSTORED);
	}
}

void query_exit(const struct live_table *table, struct module_qstate *qstate, int id, struct counters_worker *counters)
{
	struct ruling ruling = {0};
	uintptr_t mark = mark_of(qstate, id);
	bool allowed = mark & MARK_ALLOWED;
	if (mark >> MARK_SHIFT != table->number) {
		ruling = decide_name(table->table, qstate->qinfo.qname, qstate->qinfo.qname_len);
		allowed = ruling.kind == DECISION_ALLOW;
	}
	if (!allowed && !ruling_blocks(&ruling) && qstate->return_msg && qstate->return_msg->rep)
		ruling = cache_decide_targets(table->table, qstate->return_msg->rep);
	bool blocked = ruling_blocks(&ruling);
	if (blocked)
		cache_evict(qstate);
	unsigned evicted = cache_evict_aliased(qstate, table->table, blocked) + blocked;
	if (evicted > 0)
		counters_count(counters, COUNT_EVICTED, evicted);
	if (is_internal(qstate) || !is_asked(qstate))
		return;
	count_ruling(counters, &ruling);
	if (blocked)
		block(qstate, id, &ruling, table, counters);
}
