/* SPDX-License-Identifier: BSD-3-Clause */
/* Answers that Unbound's caches must not hold: the module keeps them.
 *
 * What is blocked for anybody is in none of Unbound's caches (query.h). Others may see it: clients of a group for which
 * it passes, and clients of a name that an allow rule frees although it leads to a blocked name. For them the answer is
 * kept here.
 *
 * The store keeps the true answer to a question, as Unbound has found and validated it. It belongs to no group and to
 * no table. Each client that asks for it is decided about first, by the table in force: by the question's name, and by
 * each name that the answer leads to. So a change of the table or of a group removes nothing here, and nothing can be
 * forgotten.
 *
 * An answer is good for as long as a message in Unbound's cache: until its first record has expired (a negative answer:
 * its SOA), or later with serve-expired. With prefetch it is fetched again before that. A failure is kept for as long
 * as Unbound keeps one. An answer that was not validated, because its client wanted no validation, is for such clients
 * only.
 *
 * An answer that depends on its client through other modules is not kept: an answer for a subnet (subnetcache), and any
 * answer where a module like respip stands in module-config.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <time.h>

#include "libweir/attributes.h"

struct dns_msg;
struct module_env;
struct module_qstate;
struct store;

/* Makes the store for this Unbound, empty. Returns NULL where there is to be none; the log says so unless somebody
 * asked for that. store_free frees it. `limit` is the operator's, written as sizes are in unbound.conf; NULL for a
 * quarter of msg-cache-size. */
struct store *stored_answer_store(const struct module_env *env, const char *limit);

struct stored_answer {
	struct dns_msg *message; /* in the query's region, with the TTLs of now; NULL: there is none */
	bool expired;            /* it has expired */
	time_t left;             /* seconds until it expires */
	bool due;                /* it should be fetched again, for those who ask later */
};

/* Looks for an answer to the query's question that this query may get. `expired`: an expired one will do. */
struct stored_answer stored_answer_find(struct store *store, const struct module_qstate *qstate, bool expired);

/* Keeps what a query has found, which must not depend on who asked. A failure is kept where Unbound keeps it in its
 * cache, but never in the place of an answer that is still good. Returns whether it was kept. */
bool stored_answer_keep(struct store *store, const struct module_qstate *qstate);

/* Removes the answer to the query's question. */
void stored_answer_drop(struct store *store, const struct module_qstate *qstate);
