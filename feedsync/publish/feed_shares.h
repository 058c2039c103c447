/* SPDX-License-Identifier: BSD-3-Clause */
/* What each feed holds in the table that is published, and in one that is to take its place: counted by names, not by
 * entries. A feed *holds* a name that a rule of its own, in force, blocks or allows, alone or with everything below it.
 * Of what it held a name is *gone* where nothing of that feed says the same of it any more; not because the feed has a
 * rule above it now, or calls it another category. What the operator took out of force himself, by `allow` or by
 * `guard: own`, is not gone by any feed. What an allow rule of another feed took is that one's doing: it has *freed* it. */
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
	const struct alarm_limits *limits; /* NULL: the configuration has it no more */
	uint64_t nodes_before, nodes_now;  /* that these need: one for each label but the last */
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

/* All that may hold something. `published` may be NULL. The names are the configuration's and the table's. */
void feed_shares_begin(struct feed_shares *shares, const struct config *config, const struct table *published);
void feed_shares_end(struct feed_shares *shares);

/* Whether somebody holds something who is no feed any more. */
bool feed_shares_taken_out(const struct feed_shares *shares);

/* Counts both tables anew. `guard` may be NULL. Returns 0 or a negative code with the reason. */
must_check int feed_shares_count(struct feed_shares *shares, const struct table *published, const struct table *table,
	const struct guard *guard, struct why *why);
