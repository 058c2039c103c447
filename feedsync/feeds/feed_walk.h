/* SPDX-License-Identifier: BSD-3-Clause */
/* A walk through the last good versions of the feeds: they are parsed again, so nothing that is learnt can be out of date. It
 * reads only and needs no lock: a version is replaced as a whole, and one that changes while it is read is noticed. */
#pragma once

#include <stddef.h>

#include "feedsync/compile/compile.h"
#include "feedsync/feeds/feed.h"
#include "libweir/attributes.h"

struct why;

struct feed_walk {
	struct feed *feeds; /* of the configuration, in its order */
	size_t feed_count;
	/* private */
	struct compile_feed *list; /* those that have a good version */
	size_t good_count;
};

/* Begins: reads what is known of each feed, and lets `guard` guard the hosts that they have redirected to. Returns 0, or
 * -ENOMEM with the reason: those hosts are not guarded. feed_walk_end must follow in either case. */
must_check int feed_walk_begin(
	struct feed_walk *walk, const struct config *config, struct guard *guard, struct why *why);
void feed_walk_end(struct feed_walk *walk);

/* The next feed that has a good version, from `*next` = 0 on; NULL behind the last. */
const struct feed *feed_walk_next(const struct feed_walk *walk, size_t *next);

/* Parses the feed that feed_walk_next returned last into a sink whose take, refuse and context are set. Returns as
 * compile_parse does. */
must_check int feed_walk_parse(struct feed_walk *walk, size_t next, struct sink *sink, struct why *why);
