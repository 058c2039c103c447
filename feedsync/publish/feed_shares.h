/* SPDX-License-Identifier: BSD-3-Clause */
/* What each feed holds in the published table, and in one that is to take its place. Counted are names, not entries.
 *
 * A feed *holds* a name if a rule of the feed is in force for it: a rule that blocks or allows the name, alone or
 * with everything below it. A name that it held is *gone* if no rule of the feed says the same of it any more. It is
 * not gone because the feed has a rule above it now, or puts it into another category. It is not gone either if the
 * operator took it out of force, by `allow` or by `guard: own`. If another feed's allow rule took it, that feed has
 * *freed* it. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "feedsync/guard/alarm.h"
#include "libweir/attributes.h"
#include "libweir/errors.h"

struct config;
struct guard;
struct table;

struct feed_share {
	const char *name;
	const struct alarm_limits *limits; /* NULL: the feed is no longer configured */
	uint64_t nodes_before, nodes_now;  /* that these need: one for each label but the last, in every version */
	uint64_t before, now;              /* names that it holds in the published table, and in the new one */
	uint64_t gone;
	uint64_t overruled; /* of those before: by the operator, or by allow rules of others */
	uint64_t freed;
	int64_t expired; /* entries that expired since, as in table_alarm.c, once it is known */
	bool expired_known;
	uint64_t lapsed;  /* entries that had expired in the published table, and are renewed (feed.h) */
	bool accepted;    /* whatever it does to the table */
	bool news;        /* the published table has another version of it, or none */
	bool withheld;    /* its rules are to stay as they are published */
	enum alarm alarm; /* why, if it is one */
	struct why why;
};

struct feed_shares {
	struct feed_share
		*share; /* of the configuration's feeds, in its order, and of those that only the published table has */
	size_t count;
	uint64_t taken;                         /* names that the operator took out of force */
	uint64_t operator_now, operator_before; /* names that his own lists hold */
};

/* Begins with every feed that may hold something, none of it counted. `published` may be NULL. The feeds' names are
 * borrowed from the configuration and the table. */
void feed_shares_begin(struct feed_shares *shares, const struct config *config, const struct table *published);
void feed_shares_end(struct feed_shares *shares);

/* Whether a feed that is no longer configured holds something in the published table. */
bool feed_shares_taken_out(const struct feed_shares *shares);

/* Counts both tables. `guard` may be NULL. Returns 0 or a negative code with the reason. */
must_check int feed_shares_count(struct feed_shares *shares, const struct table *published, const struct table *table,
	const struct guard *guard, struct why *why);
