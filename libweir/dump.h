/* SPDX-License-Identifier: BSD-3-Clause */
/* Prints what is in a table, and checks all of it. For offline use: both take memory for each rule. */
#pragma once

#include <stdio.h>

#include "libweir/attributes.h"
#include "libweir/table.h"

/* Writes a line for each name, scope and kind of rule, "scope<TAB>name<TAB>feeds<TAB>categories", sorted by octets;
 * feeds and categories are those of the rule itself, as feeds_text and categories_text give them, and "except" stands
 * for the categories of an exception. Returns 0, -ENOMEM, WEIR_EFORMAT, or -EIO when `out` fails. */
must_check int table_dump(const struct table *table, FILE *out, struct why *why);

/* Checks what opening does not need to: that every name is canonical and lies where its key belongs, in order and once,
 * that the marks are exactly the ancestors of the rules, that every class is used. Returns 0, -ENOMEM or WEIR_EFORMAT
 * with the place in `why`. */
must_check int table_verify(const struct table *table, struct why *why);

/* What becomes of a name with this verdict whose rules come to this action (verdict_effect): "allow", "pass", "log" or
 * "block". */
const char *decision_text(const struct verdict *verdict, enum action action);

/* The distinct names of feeds, respectively categories, in a list of sources, in the order of the policy, joined by
 * commas; "-" for none. Returns a malloc'ed string, NULL when out of memory. */
must_check char *feeds_text(const struct policy *policy, const struct source *sources, size_t count);
must_check char *categories_text(const struct policy *policy, const struct source *sources, size_t count);
