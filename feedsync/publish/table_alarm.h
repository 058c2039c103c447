/* SPDX-License-Identifier: BSD-3-Clause */
/* A compiled table, judged by the published one, feed by feed: whose rules have gone, or come, so that it is more likely
 * to be a mistake than news. Entries do not tell: a feed may have as many as before of which one takes the place of
 * all others, or of which all are exceptions. Whoever is to blame is *withheld*: what is published of him stays, the
 * others go on. First each feed is judged by its own limits; then the table by those of the table, where those who
 * change it most are withheld until the rest is no alarm.
 *
 * It is no alarm that entries expire, by what the version of their feed says that is in the published table, nor that as
 * many as had lapsed are renewed, nor what the operator does to his configuration, but for one thing: a feed that he
 * took out, and whose rules are so many that they raise the table's alarm, is asked about. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "feedsync/compile/compile.h"
#include "feedsync/config/configuration.h"
#include "feedsync/publish/feed_shares.h"
#include "libweir/attributes.h"

struct table;

struct table_alarm {
	const struct config *config;
	const struct table *published;
	struct feed_shares shares; /* who is withheld, and why */
	bool accept;               /* all alarms are passed over */
	/* set by table_alarm_judge */
	const struct compile *compile;
	uint64_t rules;
};

/* Judges the table in `fd`, which has so many rules. Returns 0 if it may be published; 1 if more shares are withheld
 * than before: then it is to be compiled anew without them; -EBADMSG if nobody can be blamed, or another negative code,
 * with the reason. */
must_check int table_alarm_judge(
	struct table_alarm *t, const struct compile *compile, int fd, uint64_t rules, struct why *why);

/* For when a table cannot be made of all that the feeds hold, for `reason`: withholds the one that wants to put so many
 * nodes more into it than the published one has of it, as that could be made; first of those that have news. What each
 * wants is told by its tally. Returns whether there is one. */
must_check bool table_alarm_withhold_grown(
	struct table_alarm *t, const struct compile *compile, const struct why *reason);
