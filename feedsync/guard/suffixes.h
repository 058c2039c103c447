/* SPDX-License-Identifier: BSD-3-Clause */
/* The public suffix list (publicsuffix.org): names below which everybody's names lie, in its text form.
 *
 * Not libpsl, which tells whether a name is a suffix, but not whether one lies below it: a rule for everything below
 * amazonaws.com, which is none, would take s3.amazonaws.com, which is one, with all its customers.
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

/* Reads the list at `path`. Returns 0, or -errno with the reason, -EBADMSG for what is no such list. */
must_check int suffixes_load(struct suffixes *suffixes, const char *path, struct why *why);
void suffixes_free(struct suffixes *suffixes);

/* Whether the list has a rule for the name or for something below it: then nobody may block all of that. What an
 * exception ("!city.kobe.jp") names counts as well: it is a city's, and no reason to be less careful. `below` is the
 * rule's name, NULL where it is the name itself or a wildcard covers that. */
bool suffixes_has(const struct suffixes *suffixes, const struct namekey *key, const struct nameset_entry **below);
