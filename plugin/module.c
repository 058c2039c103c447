/* SPDX-License-Identifier: BSD-3-Clause */
#include "plugin/compat.h"
#include "plugin/module.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "libweir/live/shm_file.h"
#include "libweir/version.h"
#include "plugin/abi.h"
#include "plugin/abi_fallback.h"
#include "plugin/core/loader_keep.h"
#include "plugin/core/store.h"
#include "plugin/query.h"
#include "plugin/query_env.h"
#include "plugin/state.h"
#include "plugin/stored_answer.h"
#include "plugin/table_change.h"

/* NULL: this Unbound is not the one we were built for, or there is no memory. */
static struct weir *weir;
/* What it shows of itself then: that it is here, and why it does nothing. */
static struct counters *misfit;

static void log_line(bool error, const char *text)
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

/* ---- with the table in force ---- */

static bool has_class(const struct module_qstate *qstate)
{
	return qstate->qinfo.qclass == LDNS_RR_CLASS_IN || qstate->qinfo.qclass == LDNS_RR_CLASS_ANY;
}

/* Its table is NULL where none is in force. current_leave must follow. */
static struct query_env hold_table(struct weir *w, struct current_slot *slot)
{
	return (struct query_env){current_enter(&w->current, slot), slot, w->store, w->tells_apart};
}

typedef void check_function(const struct query_env *, struct module_qstate *, int);

static void check_with(
	struct weir *w, struct current_slot *slot, struct module_qstate *qstate, int id, check_function *do_check)
{
	struct query_env env = hold_table(w, slot);
	if (env.table)
		do_check(&env, qstate, id);
	current_leave(slot);
}

static void check_query(struct weir *w, struct module_qstate *qstate, int id, check_function *do_check)
{
	struct current_slot *slot = current_worker(&w->current, qstate->env);
	if (!has_class(qstate))
		return;
	table_change_by_the_way(w, qstate);
	if (unlikely(!slot)) {
		check_with(w, current_crowd_enter(&w->current), qstate, id, do_check);
		current_crowd_leave(&w->current);
		return;
	}
	current_stored(slot);
	check_with(w, slot, qstate, id, do_check);
}

/* Unbound's callback for a server's response, in the signature of inplace_cb_query_response. */
static int on_response(struct module_qstate *qstate, struct dns_msg *response, int id, void *argument)
{
	struct weir *w = argument;
	struct current_slot *own = current_worker(&w->current, qstate->env);
	if (!has_class(qstate))
		return 1;
	struct current_slot *slot = likely(own) ? own : current_crowd_enter(&w->current);
	struct query_env env = hold_table(w, slot);
	if (env.table)
		query_response(&env, qstate, id, response);
	if (likely(own))
		current_looked(slot, env.table);
	current_leave(slot);
	if (unlikely(!own))
		current_crowd_leave(&w->current);
	return 1;
}

/* What these two callbacks rarely do is in functions that are never inlined. Else each answer would pay for their frames. */
static never_inline void count_cached(struct weir *w, const struct query_info *question,
	const struct comm_reply *client, const struct regional *scratch, time_t now)
{
	struct current_slot *own = current_cached_worker(&w->current, scratch);
	struct current_slot *slot = own ? own : current_crowd_enter(&w->current);
	struct query_env env = hold_table(w, slot);
	if (env.table)
		query_cached(&env, question, client, now);
	current_leave(slot);
	if (!own)
		current_crowd_leave(&w->current);
}

/* Unbound's callback for an answer from its cache, in the signature of inplace_cb_reply_cache. It can no longer change
 * the answer. There is no query state. The worker is known by its scratch region, which is its own and the same at each
 * call. */
/* NOLINTNEXTLINE(readability-function-size): so many parameters are what Unbound calls it with */
static int on_cached(struct query_info *question, struct module_qstate *qstate, struct reply_info *rep, int rcode,
	struct edns_data *edns, struct edns_option **options, struct comm_reply *client, struct regional *scratch,
	struct timeval *start, int id, void *argument)
{
	struct weir *w = argument;
	(void)qstate;
	(void)rep;
	(void)rcode;
	(void)edns;
	(void)options;
	(void)start;
	(void)id;
	table_change_when_cached(w, start->tv_sec, rep);
	if (unlikely(client && atomic_load_explicit(&w->current.logs, memory_order_relaxed)))
		count_cached(w, question, client, scratch, start->tv_sec);
	return 1;
}

/* `differs`: the query has ended, and its clients get different answers. */
static never_inline void change_reply(struct weir *w, struct module_qstate *qstate, int id, bool differs,
	struct reply_info *rep, const struct comm_reply *client)
{
	struct current_slot *own = current_worker(&w->current, qstate->env);
	struct current_slot *slot = own ? own : current_crowd_enter(&w->current);
	struct query_env env = hold_table(w, slot);
	if (differs)
		query_reply(&env, qstate, id, rep, client);
	else if (env.table)
		query_early(&env, qstate, id, rep);
	current_leave(slot);
	if (!own)
		current_crowd_leave(&w->current);
}

/* Unbound's callback for an answer that is sent to a client, in the signature of inplace_cb_reply. Where an answer is sent
 * before its query has ended, which only some Unbounds do, it is looked at here. The answer of a query that has ended was
 * looked at before; here it becomes the client's own, where those of a query differ. */
/* NOLINTNEXTLINE(readability-function-size): so many parameters are what Unbound calls it with */
static int on_reply(struct query_info *question, struct module_qstate *qstate, struct reply_info *rep, int rcode,
	struct edns_data *edns, struct edns_option **options, struct comm_reply *client, struct regional *region,
	struct timeval *start, int id, void *argument)
{
	struct weir *w = argument;
	(void)question;
	(void)rcode;
	(void)edns;
	(void)options;
	(void)region;
	(void)start;
	if (!qstate || !rep || !client)
		return 1;
	bool differs = query_differs(qstate, id, rep);
	if (!differs && (!w->answers_early || (qstate->return_msg && qstate->return_msg->rep == rep)))
		return 1;
	if (has_class(qstate))
		change_reply(w, qstate, id, differs, rep, client);
	return 1;
}

/* ---- life ---- */

static struct weir *weir_new(struct module_env *env, int id)
{
	/* Each part that workers write to lies in cache lines of its own. malloc does not align so. */
	struct weir *w = aligned_alloc(_Alignof(struct weir), sizeof *w);
	if (!w)
		return NULL;
	memset(w, 0, sizeof *w);
	w->run = setting("WEIR_RUN", SHARED_DIRECTORY);
	int status = counters_create(&w->counters, w->run);
	int hits_status = hits_create(&w->hits, w->run);
	/* One worker for each thread, and one for what the program does by itself. */
	unsigned workers = env->cfg->num_threads > 0 ? (unsigned)env->cfg->num_threads + 1 : 1;
	if (!w->counters || !w->hits || current_init(&w->current, workers, w->counters, w->hits, w->run) != 0) {
		counters_remove(&w->counters);
		hits_remove(&w->hits);
		free(w);
		return NULL;
	}
	table_change_show(w, status != 0 ? status : hits_status);
	w->users = 1;
	w->env = env;
	w->id = id;
	loader_init(&w->loader, setting("WEIR_TABLE", LOADER_TABLE), setting("WEIR_SPARE", SPARE_DIRECTORY),
		&w->current, w->counters, log_line);
	w->loader.state.misplaced = id != 0;
#ifdef THREADS_DISABLED
	w->loader.state.processes = true;
#endif
	counters_publish(w->counters, &w->loader.state);
	return w;
}

static void show_misfit(const char *why)
{
	if (!misfit && counters_create(&misfit, setting("WEIR_RUN", SHARED_DIRECTORY)) != 0)
		log_err("weir: its live counters cannot be shown: feedsync does not find this resolver");
	if (misfit)
		abi_show_misfit(misfit, why);
}

/* Never fails. If it did, Unbound would end, and a resolver without protection is better than none. */
int init(struct module_env *env, int id)
{
	struct why why;
	if (weir) {
		log_err("weir: named more than once in the configuration");
		weir->users++;
		return 1;
	}
	abi_fallback_begin();
	log_info("weir %s: begins; built for unbound %s", weir_release, PACKAGE_VERSION);
	if (!abi_fits(env, id, (void (*)(void))init, &why)) {
		log_err("weir: not built for this unbound, NOTHING IS BLOCKED: %s", why.text);
		log_info("weir: built for %s configured with: %s", PACKAGE_STRING, CONFCMDLINE);
		show_misfit(why.text);
		return 1;
	}
	weir = weir_new(env, id);
	if (!weir) {
		log_err("weir: out of memory, NOTHING IS BLOCKED");
		return 1;
	}
	if (id != 0)
		log_err("weir: NOT THE FIRST MODULE in module-config: what the modules before it answer IS NOT "
			"CHECKED; "
			"write \"dynlib\" before all others");
	if (!inplace_cb_register_wrapped((void *)on_response, inplace_cb_query_response, weir, env, id))
		log_err("weir: out of memory; some blocked names may be answered from the cache for a while");
	if (!inplace_cb_register_wrapped((void *)on_cached, inplace_cb_reply_cache, weir, env, id))
		log_err("weir: out of memory; queries that the cache answers are not counted where the action is only "
			"to count");
	weir->answers_early = compat_answers_early(env);
	weir->tells_apart = inplace_cb_register_wrapped((void *)on_reply, inplace_cb_reply, weir, env, id) &&
			    inplace_cb_register_wrapped((void *)on_reply, inplace_cb_reply_servfail, weir, env, id);
	if (!weir->tells_apart)
		log_err("weir: out of memory; clients of several groups may get the same answer%s",
			weir->answers_early ? ", and expired answers of cachedb are not looked at" : "");
	weir->store = stored_answer_store(env, getenv("WEIR_STORE"));
	table_change_begin(weir);
	return 1;
}

void deinit(struct module_env *env, int id)
{
	(void)id;
	if (!weir)
		counters_remove(&misfit);
	if (!weir || --weir->users > 0)
		return;
	inplace_cb_delete_wrapped(env, inplace_cb_query_response, weir->id);
	inplace_cb_delete_wrapped(env, inplace_cb_reply_cache, weir->id);
	inplace_cb_delete_wrapped(env, inplace_cb_reply, weir->id);
	inplace_cb_delete_wrapped(env, inplace_cb_reply_servfail, weir->id);
	table_change_end(weir);
	store_free(&weir->store);
	loader_end(&weir->loader);
	current_end(&weir->current);
	counters_remove(&weir->counters);
	hits_remove(&weir->hits);
	free(weir);
	weir = NULL;
}

/* ---- events ---- */

/* Hands a new query to the next module, and finishes what comes back. */
static void hand_on(struct module_qstate *qstate, enum module_ev event, int id)
{
	switch (event) {
	case module_event_new:
	case module_event_pass: qstate->ext_state[id] = module_wait_module; break;
	case module_event_moddone: qstate->ext_state[id] = module_finished; break;
	default: qstate->ext_state[id] = module_error; break;
	}
}

/* Unbound tells only its first module that a query is new. The others are told to go on, and all but dns64 take a query
 * for new where they have no state yet. dns64 would leave out what it does for new queries (PTR, dns64-synthall),
 * whatever module stands before it. So dns64 is told here, when its turn comes, and `curmod` lets Unbound find the
 * query there. */
static void tell_dns64(struct module_qstate *qstate, int id)
{
	const struct module_stack *mods = &qstate->env->mesh->mods;
	int next = id + 1;
	if (next >= mods->num || strcmp(mods->mod[next]->name, "dns64") != 0)
		return;
	qstate->curmod = next;
	mods->mod[next]->operate(qstate, module_event_new, next, NULL);
}

void operate(struct module_qstate *qstate, enum module_ev event, int id, struct outbound_entry *outbound)
{
	struct weir *w = weir;
	if (unlikely(!w || !abi_state_fits(qstate))) {
		if (w && !atomic_exchange(&w->misfit, true))
			log_err("weir: not built for this unbound, NOTHING IS BLOCKED: " MISFIT_STATES);
		abi_fallback_operate(qstate, event, id, outbound);
		return;
	}
	if (event == module_event_pass && query_resume(qstate, id))
		return;
	hand_on(qstate, event, id);
	if (qstate->ext_state[id] == module_wait_module && !qstate->minfo[id])
		check_query(w, qstate, id, query_entry);
	else if (event == module_event_moddone)
		check_query(w, qstate, id, query_exit);
	if (event == module_event_new && qstate->ext_state[id] == module_wait_module)
		tell_dns64(qstate, id);
}

void inform_super(struct module_qstate *qstate, int id, struct module_qstate *super)
{
	if (likely(weir && abi_state_fits(qstate) && abi_state_fits(super)))
		query_inform(super, id, qstate);
}

void clear(struct module_qstate *qstate, int id)
{
	if (unlikely(!weir || !abi_state_fits(qstate)))
		abi_fallback_clear(qstate, id);
	else
		qstate->minfo[id] = NULL;
}

size_t get_mem(struct module_env *env, int id)
{
	(void)env;
	(void)id;
	if (!weir)
		return 0;
	return sizeof *weir + (size_t)atomic_load_explicit(&weir->current.octets, memory_order_relaxed) +
	       (weir->store ? store_octets(weir->store) : 0);
}
