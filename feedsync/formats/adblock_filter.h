/* SPDX-License-Identifier: BSD-3-Clause */
/* One filter of a list for ad blockers: what names it is about, and what a DNS server can do of what it says. Pure
 * functions: any thread may call them. */
#pragma once

#include <stdbool.h>

#include "feedsync/entries/reject.h"
#include "feedsync/entries/rule.h"
#include "feedsync/formats/span.h"
#include "libweir/attributes.h"

struct adblock_filter {
	struct span name;
	enum scope scope;
	bool except;           /* "@@": it frees the name */
	bool important;        /* it is stronger than an exception that is not */
	bool back;             /* "$badfilter": it takes back the filter that is otherwise the same */
	struct span denyallow; /* names that it does not reach, parted by "|" */
};

/* Reads the pattern of a filter, without "@@" and options. It must be about one name:
 *
 *     ||x^  ||x^|  ||x/  x^        x and what is below it
 *     |x^   |x|  |https://x^  x    x alone
 *     ||*.x^  *.x  .x              what is below x
 *
 * "||x", without an end, matches names that only begin so, too; of these x and what is below it is taken. Returns
 * REJECT_COUNT, or why it is no name. */
must_check enum reject adblock_read_pattern(struct span pattern, struct span *name, enum scope *scope);

/* Reads a filter: "@@", pattern, "$" and options. Returns REJECT_COUNT, or why it is none for a DNS server. */
must_check enum reject adblock_read_filter(struct span line, struct adblock_filter *filter);
