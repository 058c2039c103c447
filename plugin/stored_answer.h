/* SPDX-License-Identifier: BSD-3-Clause */
/* Answers that Unbound's caches must not hold, kept by the module.
 *
 * What is blocked for anybody is in no cache of Unbound's (query.h). Others may see it: clients of a group for which it passes,
 * and clients of a name that an allow rule frees though it leads to a blocked one. For them it is kept here.
 *
 * What is kept is the true answer to a question, as Unbound has found and validated it. It belongs to no group and to no table:
 * whoever asks for it is decided upon first, by the table in force, by the question's name and by each name that the answer leads
 * to. So a change of the table or of a group takes nothing out, and there is nothing that could be forgotten.
 *
 * It counts as a message in Unbound's cache does: until its first record has expired (negative ones by their SOA), or later with
 * serve-expired; it is fetched again before that with prefetch; a failure for as long as Unbound holds it. An answer that was not
 * validated, since its client wanted no validation, is for such clients only. An answer that depends on its client by means
 * of other modules is not kept: one of its subnet (subnetcache), and any where a module like respip stands in module-config.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "libweir/attributes.h"

struct dns_msg;
struct module_env;
struct module_qstate;
struct store;

/* The store for this Unbound, empty. NULL: there is to be none, which is said in the log where nobody asked for that. To be
 * freed by store_free. `limit` is the operator's, as texts of sizes are in unbound.conf; NULL for a quarter of msg-cache-size. */
struct store *stored_answer_store(const struct module_env *env, const char *limit);

struct stored_answer {
	struct dns_msg *message; /* in the query's region, with times as they are now; NULL: there is none */
	bool expired;            /* its time is over */
	bool due;                /* it should be fetched again, for those who ask later */
};

/* Looks for an answer to the query's question that may be given to this query. `expired`: one whose time is over will do. */
struct stored_answer stored_answer_find(struct store *store, const struct module_qstate *qstate, bool expired);

/* Keeps what a query has found, which must not depend on who asked. A failure is kept where Unbound holds it in its
 * cache, but never in the place of an answer that is still good. Returns whether it is kept. */
bool stored_answer_keep(struct store *store, const struct module_qstate *qstate);

/* Takes out the answer to the query's question. */
void stored_answer_drop(struct store *store, const struct module_qstate *qstate);
