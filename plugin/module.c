/* The six entry points that Unbound looks up in weir.so (dynlibmod), and what they do.
 *
 * The invariant is that no message in Unbound's caches is one that the current table would block; then what Unbound
 * answers from its cache, before any module is asked, is checked already. It is kept at three places: entry   a query
 * that the cache did not answer comes here first: if its name is blocked it is answered here, and nothing is stored;
 *   exit    what the resolver found comes back through here: targets are checked, and the name again if the table
 * changed meanwhile or the query was never seen at entry. What is blocked is replaced, and taken out of the cache,
 * where the iterator has put it already; change  when a new table is in force the cache is walked, and what it blocks
 * is taken out (cache.h). A query under way meets the new table at its exit, since the table is in force before the
 * walk begins. Queries of the resolver for itself (priming, DNSSEC chains, addresses of name servers) are never
 * answered here; what they leave in the cache under a blocked name is taken out at their exit like anything else.
 */
#include "compat.h"
#include "module.h"

#include <errno.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "abi.h"
#include "answer.h"
#include "cache.h"
#include "counters.h"
#include "decide.h"
#include "live.h"
#include "loader.h"
#include "stranger.h"
#include "watch.h"

enum { LOOK_MS = 10 }; /* how long the watching thread walks the cache before it looks for a newer table */

struct module {
	unsigned users; /* instances: the same file may be named more than once */
	struct module_env *env;
	struct live live;
	struct counters *counters;
	struct loader loader;
	struct watch *watch;
	struct scrub scrub;
	uint64_t scrub_start_us;
	void (*stopped_handler)(int); /* of SIGTERM while no worker runs */
	bool handler_tells;           /* it is another one while they do */
	time_t looked_at;             /* where workers are processes: when this one last looked for a new table */
	atomic_bool served;           /* a worker has been here */
	atomic_bool misfit_said;
};

/* NULL: this Unbound is not the one we were built for, or there is no memory. */
static struct module *module;

static void say(bool error, const char *text)
{
	if (error)
		log_err("%s", text);
	else
		log_info("%s", text);
}

static const char *setting(const char *variable, const char *otherwise)
{
	const char *value = getenv(variable);
	return value && value[0] ? value : otherwise;
}

/* ---- change of the table ---- */

static uint64_t now_us(void)
{
	struct timespec now;
	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000000 + (uint64_t)now.tv_nsec / 1000;
}

static void scrub_slice(struct module *m, const struct live_table *table)
{
	cache_scrub(m->env, table->table, &m->scrub);
	if (m->scrub.slabs_left == 0)
		loader_count_scrub(&m->loader, m->scrub.walked, m->scrub.evicted, now_us() - m->scrub_start_us);
}

static void begin_scrub(struct module *m)
{
	m->scrub_start_us = now_us();
	cache_scrub_begin(&m->scrub);
}

#ifndef THREADS_DISABLED

/* Whether the workers, and so the caches, are sure to exist. During a reload Unbound may free its caches before it
 * tells the modules. But before that, before it touches any cache, it takes the handling of SIGTERM away from the
 * workers: the handler is then the one that was there when this module was initialised, which is as well before the
 * workers start. Where the two are the same (a test program without signals) workers are known by having been here. */
static bool workers_run(struct module *m)
{
	struct sigaction now;
	sigaction(SIGTERM, NULL, &now);
	if (now.sa_handler != m->stopped_handler) {
		m->handler_tells = true;
		return true;
	}
	return !m->handler_tells && atomic_load(&m->served);
}

/* Walks the cache for some time. Returns whether there is more to walk at once. */
static bool scrub_some(struct module *m)
{
	const struct live_table *table = live_current(&m->live);
	uint64_t until = now_us() + LOOK_MS * 1000;
	while (m->scrub.slabs_left > 0 && table && workers_run(m)) {
		scrub_slice(m, table);
		if (now_us() > until || watch_stopping(m->watch))
			return m->scrub.slabs_left > 0;
	}
	return false;
}

static bool look(void *context, bool signalled)
{
	struct module *m = context;
	if (loader_check(&m->loader, signalled))
		begin_scrub(m);
	return scrub_some(m);
}

static void watch_table(struct module *m)
{
	int status = watch_start(&m->watch, m->loader.path, look, m);
	if (status != 0)
		log_err("weir: cannot watch for new tables: %s; a reload of unbound is needed to take one",
			error_text(status));
}

static void look_by_the_way(struct module *m, const struct module_qstate *qstate)
{
	(void)m;
	(void)qstate;
}

#else /* An Unbound whose workers are processes: its locks lock nothing, so no thread may touch its caches. */

static void watch_table(struct module *m)
{
	(void)m;
	signal(SIGUSR1, SIG_IGN); /* new tables are noticed without it, and its default would end the process */
}

/* Each worker looks for a new table once a second, with the queries it gets, and walks its cache a slice at a query. */
static void look_by_the_way(struct module *m, const struct module_qstate *qstate)
{
	if (m->looked_at != *qstate->env->now) {
		m->looked_at = *qstate->env->now;
		m->env = qstate->env;
		if (loader_check(&m->loader, false))
			begin_scrub(m);
	}
	const struct live_table *table = live_current(&m->live);
	if (table && m->scrub.slabs_left > 0)
		scrub_slice(m, table);
}

#endif

/* ---- queries ---- */

/* A query's mark between entry and exit: which table let it pass, and whether by an allow rule, which frees its targets
 * too. Fits the state's pointer, so needs no memory. */
static void *mark_of(const struct live_table *table, const struct ruling *ruling)
{
	return (void *)(uintptr_t)(table->number << 1 | (ruling->kind == DECISION_ALLOW));
}

static bool is_internal(const struct module_qstate *qstate)
{
	return qstate->is_priming || qstate->is_valrec;
}

static bool has_class(const struct module_qstate *qstate)
{
	return qstate->qinfo.qclass == LDNS_RR_CLASS_IN || qstate->qinfo.qclass == LDNS_RR_CLASS_ANY;
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

static void entry(
	const struct live_table *table, struct module_qstate *qstate, int id, struct counters_worker *counters)
{
	if (is_internal(qstate))
		return;
	counters_add(counters, COUNT_QUERIES);
	struct ruling ruling = decide_name(table->table, qstate->qinfo.qname, qstate->qinfo.qname_len);
	count_ruling(counters, &ruling);
	if (ruling_blocks(&ruling))
		block(qstate, id, &ruling, table, counters);
	else
		qstate->minfo[id] = mark_of(table, &ruling);
}

static void exit_check(
	const struct live_table *table, struct module_qstate *qstate, int id, struct counters_worker *counters)
{
	struct ruling ruling = {0};
	uintptr_t mark = (uintptr_t)qstate->minfo[id];
	if (mark >> 1 != table->number) {
		ruling = decide_name(table->table, qstate->qinfo.qname, qstate->qinfo.qname_len);
		mark = ruling.kind == DECISION_ALLOW;
	}
	bool allowed = mark & 1;
	unsigned aliased = cache_evict_aliased(qstate, table->table);
	if (aliased > 0)
		counters_count(counters, COUNT_EVICTED, aliased);
	if (!allowed && !ruling_blocks(&ruling) && qstate->return_msg && qstate->return_msg->rep)
		ruling = cache_decide_targets(table->table, qstate->return_msg->rep);
	if (ruling_blocks(&ruling)) {
		cache_evict(qstate);
		counters_add(counters, COUNT_EVICTED);
	}
	if (is_internal(qstate))
		return;
	count_ruling(counters, &ruling);
	if (ruling_blocks(&ruling))
		block(qstate, id, &ruling, table, counters);
}

static void check(struct module *m, struct module_qstate *qstate, int id,
	void (*do_check)(const struct live_table *, struct module_qstate *, int, struct counters_worker *))
{
	struct live_slot *slot = live_worker(&m->live, qstate->env);
	if (!slot || !has_class(qstate))
		return;
	if (!atomic_load_explicit(&m->served, memory_order_relaxed))
		atomic_store(&m->served, true);
	look_by_the_way(m, qstate);
	const struct live_table *table = live_enter(&m->live, slot);
	if (table)
		do_check(table, qstate, id, atomic_load_explicit(&slot->counters, memory_order_relaxed));
	live_leave(slot);
}

/* ---- life ---- */

static struct module *module_new(struct module_env *env)
{
	struct module *m = calloc(1, sizeof *m);
	if (!m)
		return NULL;
	const char *run = setting("WEIR_RUN", COUNTERS_DIRECTORY);
	int status = counters_create(&m->counters, run);
	if (!m->counters) {
		free(m);
		return NULL;
	}
	if (status != 0)
		log_err("weir: no live counters in %s: %s; feedsync will not find this resolver, new tables are "
			"noticed all the same",
			run, error_text(status));
	m->users = 1;
	m->env = env;
	struct sigaction now;
	sigaction(SIGTERM, NULL, &now);
	m->stopped_handler = now.sa_handler;
	live_init(&m->live, m->counters);
	loader_init(&m->loader, setting("WEIR_TABLE", LOADER_TABLE), &m->live, m->counters, say);
	return m;
}

/* Never fails: an Unbound whose module fails to initialise ends, and one without protection is better than none. */
int init(struct module_env *env, int id)
{
	(void)id;
	struct why why;
	if (module) {
		log_err("weir: named more than once in the configuration");
		module->users++;
		return 1;
	}
	if (!abi_fits(&why)) {
		log_err("weir: not built for this unbound, NOTHING IS BLOCKED: %s", why.text);
		return 1;
	}
	module = module_new(env);
	if (!module) {
		log_err("weir: out of memory, NOTHING IS BLOCKED");
		return 1;
	}
	/* Caches may have survived a reload: they are walked as after a change, by the watching thread. */
	loader_check(&module->loader, true);
	begin_scrub(module);
	watch_table(module);
	return 1;
}

void deinit(struct module_env *env, int id)
{
	(void)env;
	(void)id;
	if (!module || --module->users > 0)
		return;
	watch_stop(&module->watch);
	live_end(&module->live);
	counters_remove(&module->counters);
	free(module);
	module = NULL;
}

void operate(struct module_qstate *qstate, enum module_ev event, int id, struct outbound_entry *outbound)
{
	struct module *m = module;
	if (unlikely(!m || !abi_state_fits(qstate))) {
		if (m && !atomic_exchange(&m->misfit_said, true))
			log_err("weir: not built for this unbound (its query states differ), NOTHING IS BLOCKED");
		stranger_operate(qstate, event, id, outbound);
		return;
	}
	switch (event) {
	case module_event_new:
	case module_event_pass:
		qstate->ext_state[id] = module_wait_module;
		if (!qstate->minfo[id])
			check(m, qstate, id, entry);
		break;
	case module_event_moddone:
		qstate->ext_state[id] = module_finished;
		check(m, qstate, id, exit_check);
		break;
	default: qstate->ext_state[id] = module_error; break;
	}
}

void inform_super(struct module_qstate *qstate, int id, struct module_qstate *super)
{
	(void)qstate;
	(void)id;
	(void)super;
}

void clear(struct module_qstate *qstate, int id)
{
	if (unlikely(!module || !abi_state_fits(qstate)))
		stranger_clear(qstate, id);
	else
		qstate->minfo[id] = NULL;
}

size_t get_mem(struct module_env *env, int id)
{
	(void)env;
	(void)id;
	return module ? sizeof *module + (size_t)atomic_load_explicit(&module->live.octets, memory_order_relaxed) : 0;
}
