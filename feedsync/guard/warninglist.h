/* SPDX-License-Identifier: BSD-3-Clause */
/* MISP warninglists: names (and other things) that analysts keep getting as false positives (misp-warninglists,
 * schema.json). */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "libweir/attributes.h"

struct node;
struct why;

/* Takes the text of an entry, which counts from 1; NULL for one that is no text. Returns 0, or an error that ends the
 * reading. */
typedef int warninglist_take(void *context, size_t number, const char *text, size_t length);

/* Hands the entries of a warninglist on; a bare array is one as well. They count whatever the list's type says of how to
 * compare: a guard asks its own way, and lists of the type string hold names with leading dots, which never equal anything.
 * Lists of substrings, regular expressions and address blocks hold no names: `names` is false then, and nothing is handed
 * on. Returns 0, what `take` returned, or -EBADMSG for what is no warninglist, or an empty one. */
must_check int warninglist_parse(
	const struct node *document, warninglist_take *take, void *context, bool *names, struct why *why);
