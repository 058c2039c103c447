/* SPDX-License-Identifier: BSD-3-Clause */
/* What must never be blocked, whoever lists it. A guarded entry is dropped and reported; the rest of the feed is used.
 *
 * A rule does harm where it hits a name that many need: it is a rule for that name, or for a subtree that holds the
 * name. A rule below such a name is normal: phishing lives on everybody's hosting platforms. There are six kinds of
 * such names. They are asked in this order:
 *   own         the operator's own infrastructure. Only here a rule below the name is refused too.
 *   special use names that the protocols need (guard.c tells which and why)
 *   suffix      where the public suffix list has a rule, or below, for subtrees only: below co.uk, duckdns.org or
 *               s3.amazonaws.com, and so below amazonaws.com, lie the names of others
 *   guarded     names of the lists that the configuration names: MISP warninglists and plain files
 *   essential   names that too much depends on (essential.h)
 *   feed        the hosts that the feeds come from: no feed locks out another one, or itself
 * A feed may be trusted to block single guarded names, `unguarded`; never those of the operator's own infrastructure.
 */
#pragma once

#include <errno.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "feedsync/entries/nameset.h"
#include "feedsync/entries/sink.h"
#include "libweir/attributes.h"

struct guard;
struct list_trouble;
struct why;

/* What to guard. Borrowed until guard_free. */
struct guard_config {
	const char *state;       /* the state directory, where last good versions of lists are kept; NULL = nowhere */
	const char *suffix_list; /* file: publicsuffix.org's text; NULL = this system's */
	const char *const *warninglists; /* files of MISP's JSON, or directories of them (guard_lists.h) */
	size_t warninglist_count;
	const char *const *names; /* files with a name a line */
	size_t names_count;
	struct nameset own;   /* sorted */
	struct nameset hosts; /* of feeds, sorted */
};

/* The file that the public suffix list is read from. */
const char *guard_suffix_path(const struct guard_config *config);

enum guard_use {
	GUARD_ASKS,  /* changes nothing */
	GUARD_KEEPS, /* good versions of lists become their last good ones */
};

/* Loads all lists. Where one is broken its last good version takes its place (guard_lists.h). Returns 0 and a guard to be
 * freed, or -ENOMEM with the reason. */
must_check int guard_new(struct guard **guard, const struct guard_config *config, enum guard_use use, struct why *why);
void guard_free(struct guard **guard);

/* What is wrong with its lists; NULL = all is well. Both `guard` and `count` may be NULL. */
const struct list_trouble *guard_troubles(const struct guard *guard, size_t *count);

/* The first trouble with a list that has no good version; NULL = there is none. `guard` may be NULL. */
const struct list_trouble *guard_gap(const struct guard *guard);

/* What nobody guards must not be published. Returns 0, or GUARD_HAS_GAP with the reason, of the class that guard_gap tells. */
#define GUARD_HAS_GAP (-ENOKEY)
must_check int guard_check_whole(const struct guard *guard, struct why *why);

/* Guards one more host of feeds: where a feed's server has redirected to. Returns 0 or -ENOMEM. */
must_check int guard_add_host(struct guard *guard, const char *host);

/* Why a rule is refused. */
struct refusal {
	enum reject reject;
	char text[NAME_MAX_TEXT + NAME_MAX_WIRE + 300]; /* the name, and what it would hit:
					       "apple.com (above captive.apple.com, in ...)" */
};

/* Whether the rule must be dropped, and why. `unguarded`, a sorted set, may be NULL. */
bool guard_refuses(
	const struct guard *guard, const struct nameset *unguarded, const struct rule *rule, struct refusal *refusal);

/* Whether a block rule would hit the operator's own infrastructure. `guard` may be NULL: then no rule does. */
bool guard_refuses_own(const struct guard *guard, const struct rule *rule);

/* The guard as a filter: whoever takes the rules of a feed from a sink asks this first, and returns SINK_REJECTED
 * if it says so. Rejects a block rule in the sink (sink_reject) that guard_refuses, or whose name has more labels
 * than names of lists have (MAX_LABELS). Returns whether it did. `guard` may be NULL: nothing is guarded then. */
bool guard_rejects(
	const struct guard *guard, const struct nameset *unguarded, struct sink *sink, const struct rule *rule);

/* Prints what is guarded, list by list. */
void guard_print(const struct guard *guard);
