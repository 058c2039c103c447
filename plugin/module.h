/* SPDX-License-Identifier: BSD-3-Clause */
/* The entry points that Unbound's dynlib module looks up in weir.so, as dynlibmod/dynlibmod.h and util/module.h
 * describe them. Unbound calls init and deinit in its main thread while no worker runs, the others in any worker's
 * thread. */
#pragma once

#include <stddef.h>

#define EXPORT __attribute__((visibility("default")))

struct module_env;
struct module_qstate;
struct outbound_entry;
enum module_ev;

/* Loads the table and starts the watch. Returns 1, always. */
EXPORT int init(struct module_env *env, int id);

/* Ends the watch, frees everything, leaves nothing behind: the library is unloaded next. */
EXPORT void deinit(struct module_env *env, int id);

/* Handles an event of a query: answers it, or passes it on. */
EXPORT void operate(struct module_qstate *qstate, enum module_ev event, int id, struct outbound_entry *outbound);

/* A sub-query is done that `super` waits for: of ours, one for the target of a redirect. */
EXPORT void inform_super(struct module_qstate *qstate, int id, struct module_qstate *super);

/* Forgets what a query's state holds of us. */
EXPORT void clear(struct module_qstate *qstate, int id);

/* Octets of memory in use, for Unbound's statistics. */
EXPORT size_t get_mem(struct module_env *env, int id);
