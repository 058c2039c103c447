/* SPDX-License-Identifier: BSD-3-Clause */
/* Judges a compiled table by the published one, feed by feed: are so many rules gone, or new, that a mistake is more
 * likely than news? Entries do not tell: a feed may have as many as before though one of them takes the place of all
 * others, or though all of them are exceptions now.
 *
 * A feed that is to blame is *withheld*: what is published of it stays, and the other feeds go on. First each feed is
 * judged by its own limits. Then the table is judged by the table's limits: the feeds that change it most are
 * withheld until the rest is no alarm.
 *
 * No alarm is raised for: entries that expired; expired entries that came back (`lapsed`); what the operator changes
 * in his configuration. One exception: a feed that he took out is asked about, if its rules raise the table's alarm. */
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
	struct feed_shares shares; /* which feeds are withheld, and why */
	bool accept;               /* all alarms are passed over */
	/* set by table_alarm_judge */
	const struct compile *compile;
	uint64_t rules;
};

/* Judges the table in `fd`, which has `rules` rules. Returns 0 if it may be published; 1 if more feeds are withheld
 * than before, so that it is to be compiled again without them; -EBADMSG with the reason if no feed can be blamed; or
 * another negative code with the reason. */
must_check int table_alarm_judge(
	struct table_alarm *t, const struct compile *compile, int fd, uint64_t rules, struct why *why);

/* For a table that cannot be made of everything the feeds hold, for `reason`. Withholds the feed that wants to put
 * the most nodes into the table beyond those that it has in the published one; feeds with news go before the others.
 * A feed's counts tell what it wants. Returns whether there was one to withhold. */
must_check bool table_alarm_withhold_grown(
	struct table_alarm *t, const struct compile *compile, const struct why *reason);
