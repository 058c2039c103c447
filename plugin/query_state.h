/* SPDX-License-Identifier: BSD-3-Clause */
/* What the module knows of a query from event to event, and what it does to a query's state. */
#pragma once

#include "plugin/clients.h"
#include "plugin/compat.h"
#include "plugin/core/current_table.h"
#include "plugin/core/decide.h"
#include "plugin/query_env.h"

/* What the module knows of a query from one event to the next. It fits into the pointer that the query's state has for
 * the module, so it needs no memory. It is the number of the table that let the query pass at entry (0: the query was
 * not seen), and these flags. */
enum {
	FLAG_ALLOWED = 1,   /* by an allow rule, which frees its targets too */
	FLAG_UNSTORED = 2,  /* its answer is not to be stored */
	FLAG_OTHERS = 4,    /* its name, or what it is an alias of, is blocked for others */
	FLAG_WAITING = 8,   /* for a redirect's target */
	FLAG_ASKED = 16,    /* a server was asked; set only where there is subnetcache */
	FLAG_SUBNET = 32,   /* a server said for which subnet its answer is */
	FLAG_DIFFERS = 64,  /* its clients get different answers, */
	FLAG_EXPIRED = 128, /* and what was found has expired */
	FLAGS_BITS = 8,
};

static inline uintptr_t flags_of(const struct module_qstate *qstate, int id)
{
	return (uintptr_t)qstate->minfo[id];
}

static inline void set_flags(struct module_qstate *qstate, int id, uintptr_t flags)
{
	qstate->minfo[id] = (void *)flags;
}

static inline bool is_internal(const struct module_qstate *qstate)
{
	return qstate->is_priming || qstate->is_valrec;
}

/* Whether other queries wait for this one. */
static inline bool queries_wait(const struct module_qstate *qstate)
{
	return qstate->mesh_info->super_set.count > 0;
}

/* Whether this query is a step of another module's query, or of a redirect of ours. A step must not be given our
 * answer, because its result may be stored. The query that it serves comes through here as well. */
static inline bool is_step(const struct module_qstate *qstate)
{
	return !clients_wait(qstate) && queries_wait(qstate);
}

/* Whether the table in force decided about the query's name at entry, and let it pass. */
static inline bool is_named(const struct query_env *env, const struct module_qstate *qstate, int id)
{
	return flags_of(qstate, id) >> FLAGS_BITS == env->table->number;
}

/* Counts a ruling for one of the clients that wait, or for nobody (NULL). */
void query_count(const struct query_env *env, const struct module_qstate *qstate, const struct ruling *ruling,
	uint16_t group, const struct mesh_reply *client);

/* Keeps clients that ask the same later from sharing this query: each gets a query of its own, and a decision of its own. */
void query_make_unshareable(struct module_qstate *qstate);

/* Tells a client, or (NULL) all that wait, that the answer has expired, where Unbound is to tell that. */
void query_tell_expired(struct module_qstate *qstate, const struct mesh_reply *client);

/* Gives the clients what the ruling says. Returns whether the query goes on as if it were not blocked. */
bool query_block(
	const struct query_env *env, struct module_qstate *qstate, int id, const struct ruling *ruling, bool answered);
