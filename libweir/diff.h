/* SPDX-License-Identifier: BSD-3-Clause */
/* What changes when one table replaces another.
 *
 * A *change* is a rule of one feed that begins or ceases to hold. Not every rule that comes or goes is a change: a table
 * leaves out what a rule above says already, so a rule may go because another one has come that says the same of more
 * names. What counts is what holds. A block rule ceases when the new table no longer blocks its name (or what is below)
 * for that feed and category; an allow rule ceases when the name is no longer allowed; an exception ceases when it is no
 * longer there. Feeds and categories are compared by name, as their numbers may change.
 */
#pragma once

#include "libweir/attributes.h"
#include "libweir/table.h"

struct table_change {
	bool added;       /* false: removed */
	const char *name; /* text of the rule's name, valid for the call */
	enum scope scope;
	enum rule_kind kind;
	struct source source;        /* by the policy of the new table if added, of the old one if removed */
	const char *feed, *category; /* its names */
};

/* Visits every change between two tables, first those removed, then those added, in the order of the tables' indexes,
 * until `visit` returns other than 0. `old` may be NULL: then all that `new` holds is added. Allocates a few octets per
 * feed; takes about a lookup for each rule that stands in a changed line of the index. Returns what `visit` did, or 0, -ENOMEM, WEIR_EFORMAT (why tells the place). */
must_check int table_diff(const struct table *old, const struct table *new,
	int (*visit)(void *context, const struct table_change *change), void *context, struct why *why);

/* Whether two tables have the same feeds, categories, actions, groups and settings. Returns 1, 0, or -ENOMEM. */
must_check int table_same_policy(const struct table *a, const struct table *b);
