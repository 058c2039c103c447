/* SPDX-License-Identifier: BSD-3-Clause */
/* MISP warninglists: names (and other things) that analysts keep getting as false positives (misp-warninglists,
 * schema.json). */
#pragma once

#include <stdbool.h>

#include "feedsync/entries/sink.h"
#include "libweir/attributes.h"

struct node;
struct why;

/* Hands the names in a warninglist to the sink. They count whatever the list's type says of how to compare: a guard
 * asks its own way, and lists of the type string hold names with leading dots, which never equal anything. Lists of
 * substrings, regular expressions and address blocks hold no names: `names` is false then, and nothing is handed on.
 * Returns 0, what the sink's take returned, or -EBADMSG for what is no warninglist. */
must_check int warninglist_parse(
	const struct node *document, const char *label, struct sink *sink, bool *names, struct why *why);
