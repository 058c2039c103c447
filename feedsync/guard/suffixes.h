/* SPDX-License-Identifier: BSD-3-Clause */
/* The public suffix list (publicsuffix.org), in its text form: names below which everybody's names lie.
 *
 * libpsl is not enough. It tells whether a name is a suffix, but not whether a suffix lies below a name. amazonaws.com
 * is not a suffix, but s3.amazonaws.com is: a rule for everything below the former would take the latter, with all its
 * customers.
 */
#pragma once

#include <stdbool.h>

#include "feedsync/entries/nameset.h"
#include "libweir/attributes.h"

struct why;

struct suffixes {
	struct nameset rules;     /* where the list has a rule; of "*.x" x */
	struct nameset wildcards; /* the x of "*.x" */
};

/* Reads the list at `path`. Returns 0, or -errno with the reason; -EBADMSG if the file is not such a list. */
must_check int suffixes_load(struct suffixes *suffixes, const char *path, struct why *why);
void suffixes_free(struct suffixes *suffixes);

/* Whether the list has a rule for the name, or for something below it: then nobody may block all of that. A name in an
 * exception ("!city.kobe.jp") counts as well: it belongs to a city, and needs no less care. `*below` is the name of the
 * rule that was found; NULL if it is the name itself, or if a wildcard covers the name. */
bool suffixes_has(const struct suffixes *suffixes, const struct namekey *key, const struct nameset_entry **below);
