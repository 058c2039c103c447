/* SPDX-License-Identifier: BSD-3-Clause */
/* Everything that keeps Weir from being well, in one table: the word for it, how bad it is, what it means, and the next
 * command. `feedsync status`, its JSON, its help and the runbook (docs/runbook.md) take the words from here. report.c
 * judges which condition holds; status_words.c prints it. */
#pragma once

/* How bad a condition is. The order is that of the verdict: the worst comes first. */
enum impact {
	IMPACT_NONE,
	IMPACT_UNKNOWN,     /* it cannot be seen whether all is well */
	IMPACT_DEGRADED,    /* the last good state protects; it grows old, or somebody must decide */
	IMPACT_UNPROTECTED, /* names that are to be blocked may pass */
};

/* clang-format off */
/* X(CONSTANT, key in JSON, word, impact, meaning, next command). "FEED", "OUTPUT" or "CHANNEL" in the next command stands for the name of
 * that. */
#define CONDITIONS(X) \
	X(BYPASS_ON, "bypass_on", "BYPASS", IMPACT_UNPROTECTED, \
		"everything passes until the time shown: somebody switched blocking off", \
		"feedsync bypass off") \
	X(RESOLVER_BYPASSED, "resolver_bypassed", "BYPASSED", IMPACT_UNPROTECTED, \
		"this resolver lets everything pass for a while, as a bypass tells it", \
		"feedsync bypass off") \
	X(RESOLVER_STILL_BLOCKS, "resolver_still_blocks", "STILL BLOCKS", IMPACT_DEGRADED, \
		"a bypass is in force, and this resolver does not follow it: the resolver ended the bypass, or did not believe it", \
		"feedsync bypass on --reason TEXT") \
	X(TABLE_NONE, "table_none", "NONE", IMPACT_UNPROTECTED, \
		"no table is published, or it cannot be read; resolvers keep the table that they have", \
		"feedsync sync") \
	X(RESOLVER_NONE, "resolver_none", "NO RESOLVER", IMPACT_UNPROTECTED, \
		"no resolver on this machine has the module, or `run:` names another directory", \
		"systemctl status unbound") \
	X(RESOLVER_UNPROTECTED, "resolver_unprotected", "WITHOUT PROTECTION", IMPACT_UNPROTECTED, \
		"Unbound runs on this machine without the module: every name passes", \
		"journalctl -u unbound") \
	X(RESOLVER_UNSEEN, "resolver_unseen", "NOT SEEN", IMPACT_UNKNOWN, \
		"Unbound runs on this machine and shows no live counters: whether it blocks cannot be seen", \
		"feedsync probe 127.0.0.1") \
	X(RESOLVER_INACTIVE, "resolver_inactive", "NOTHING IS BLOCKED", IMPACT_UNPROTECTED, \
		"the module in this resolver has no table, or does not fit this Unbound: every name passes", \
		"journalctl -u unbound") \
	X(RESOLVER_NOT_FIRST, "resolver_not_first", "NOT THE FIRST MODULE", IMPACT_UNPROTECTED, \
		"modules stand before dynlib in module-config: what they answer is not checked", \
		"unbound-checkconf -o module-config") \
	X(RESOLVER_DEAD, "resolver_dead", "DEAD", IMPACT_UNPROTECTED, \
		"the process ended without a word, and no other has taken its place", \
		"systemctl start unbound") \
	X(RESOLVER_OUTDATED, "resolver_outdated", "OUTDATED TABLE", IMPACT_DEGRADED, \
		"the resolver has not taken the published table; an older one stays in force", \
		"journalctl -u unbound") \
	X(RESOLVER_FILE, "resolver_file", "TABLE FILE UNUSABLE", IMPACT_DEGRADED, \
		"the resolver cannot use the file of its table; the table that was in force stays", \
		"feedsync sync") \
	X(RESOLVER_NEWER, "resolver_newer", "NOT KNOWN", IMPACT_UNKNOWN, \
		"its module is newer than this feedsync, so its live counters cannot be read", \
		"feedsync --version") \
	X(BYPASS_NOT_BELIEVED, "bypass_not_believed", "NOT BELIEVED", IMPACT_UNKNOWN, \
		"a file asks for a bypass, and no resolver follows it", \
		"feedsync bypass off") \
	X(CONFIGURATION_BROKEN, "configuration_broken", "BROKEN", IMPACT_DEGRADED, \
		"the configuration cannot be used; the one that was in use last stands in for it", \
		"feedsync check") \
	X(CONFIGURATION_OLDER, "configuration_older", "OLDER IN USE", IMPACT_DEGRADED, \
		"the file has changed since `run` read it; `run` goes on with the older content", \
		"systemctl reload feedsync") \
	X(CLOCK_DOUBTED, "clock_doubted", "NOT BELIEVED", IMPACT_UNKNOWN, \
		"the clock may be wrong: what has an end is not ended by it", \
		"timedatectl") \
	X(RUN_FAILED, "run_failed", "FEEDS NOT PUBLISHED", IMPACT_DEGRADED, \
		"the last run published nothing of the feeds; what was published before stays in force", \
		"feedsync sync") \
	X(RUN_ALARM, "run_alarm", "ALARM", IMPACT_DEGRADED, \
		"an alarm kept something of the feeds from being published; what was published of it stays in force", \
		"feedsync sync --accept-table") \
	X(RUN_AHEAD, "run_ahead", "AHEAD", IMPACT_UNKNOWN, \
		"the last run lies in the future: the clock was wrong then, or is now", \
		"timedatectl") \
	X(RUN_UNKNOWN, "run_unknown", "NOT KNOWN", IMPACT_UNKNOWN, \
		"the record of the last run cannot be read; root and feedsync's user can read it", \
		"sudo feedsync status") \
	X(HOLD_HELD, "hold_held", "HELD", IMPACT_DEGRADED, \
		"somebody rolled back: feeds are fetched, but what is published stays until `feedsync resume`", \
		"feedsync resume") \
	X(HOLD_UNKNOWN, "hold_unknown", "NOT KNOWN", IMPACT_UNKNOWN, \
		"whether publishing is held cannot be seen; root and feedsync's user can see it", \
		"sudo feedsync status") \
	X(OVERRIDES_BROKEN, "overrides_broken", "FILE BROKEN", IMPACT_DEGRADED, \
		"what `feedsync allow` and `block` have kept cannot be read: nothing new is published", \
		"feedsync check") \
	X(GUARD_LIST, "guard_list", "LIST BROKEN", IMPACT_DEGRADED, \
		"a list of names that must not be blocked is broken; its last good version goes on protecting, and without one " \
		"nothing of the feeds is published", \
		"feedsync check") \
	X(HISTORY_INCOMPLETE, "history_incomplete", "NOT COMPLETE", IMPACT_UNKNOWN, \
		"what is published is not in the history; publishing goes on", \
		"journalctl -u feedsync") \
	X(PULL_REFUSED, "pull_refused", "REFUSED", IMPACT_DEGRADED, \
		"what the channel offers was refused; the last good table stays in force", \
		"feedsync pull --once") \
	X(PULL_FAILING, "pull_failing", "NOT FETCHED", IMPACT_DEGRADED, \
		"the channel, or the table that it offers, could not be fetched; the last good table stays in force", \
		"feedsync pull --once") \
	X(PULL_EXPIRED, "pull_expired", "EXPIRED", IMPACT_DEGRADED, \
		"the manifest in force has expired: the compiler has stopped signing, or somebody holds back what is newer; the table stays in force", \
		"feedsync pull --once") \
	X(PULL_NOT_TRIED, "pull_not_tried", "NOT PULLED YET", IMPACT_DEGRADED, \
		"nobody has looked what the channel offers since it was configured", \
		"feedsync pull --once") \
	X(PULL_STALE, "pull_stale", "STALE", IMPACT_DEGRADED, \
		"nobody looks any more what the channel offers; the last good table stays in force", \
		"systemctl status feedsync") \
	X(PULL_AHEAD, "pull_ahead", "AHEAD", IMPACT_UNKNOWN, \
		"the last look at the channel lies in the future: the clock was wrong then, or is now", \
		"timedatectl") \
	X(PULL_UNKNOWN, "pull_unknown", "NOT KNOWN", IMPACT_UNKNOWN, \
		"the record of the pulls cannot be read; root and feedsync's user can read it", \
		"sudo feedsync status") \
	X(TRENDS_BEHIND, "trends_behind", "NOT WRITTEN", IMPACT_UNKNOWN, \
		"what was hit is not being kept; blocking and publishing go on", \
		"journalctl -u feedsync") \
	X(FEED_ALARM, "feed_alarm", "ALARM", IMPACT_DEGRADED, \
		"its new version differs too much, or an entry that frees names is not understood, so it was not taken; the last good one, if there is one, stays in force", \
		"feedsync sync --accept FEED") \
	X(FEED_WITHHELD, "feed_withheld", "WITHHELD", IMPACT_DEGRADED, \
		"the table would change too much by its new version, or have no room for it; an older one stays in force", \
		"feedsync sync --accept FEED") \
	X(FEED_FAILING, "feed_failing", "FAILING", IMPACT_DEGRADED, \
		"the last attempt failed; its last good version, if there is one, stays in force", \
		"feedsync sync") \
	X(FEED_NOT_ASKED, "feed_not_asked", "NOT ASKED YET", IMPACT_DEGRADED, \
		"no run has asked for it since it was configured; what is published of it, if anything, stays in force", \
		"feedsync sync") \
	X(FEED_STALE, "feed_stale", "STALE", IMPACT_DEGRADED, \
		"nobody has asked for it for three of its intervals; its last good version stays in force", \
		"systemctl status feedsync") \
	X(FEED_OLD_SIGNATURE, "feed_old_signature", "SIGNED LONG AGO", IMPACT_DEGRADED, \
		"its signature is older than `max-signature-age`: the publisher stopped signing, or somebody holds back what is newer", \
		"feedsync history") \
	X(FEED_UNCHANGED_LONG, "feed_unchanged", "UNCHANGED", IMPACT_DEGRADED, \
		"it has been the same for longer than its `max-unchanged`: its publisher may have given it up", \
		"feedsync history") \
	X(FEED_EMPTY, "feed_empty", "EMPTY", IMPACT_UNPROTECTED, \
		"no entry of it can be used: it blocks nothing", \
		"feedsync check") \
	X(FEED_INCOMPLETE, "feed_incomplete", "INCOMPLETE", IMPACT_DEGRADED, \
		"its server lists events that it does not have; what could be fetched is in force", \
		"feedsync history") \
	X(FEED_AHEAD, "feed_ahead", "AHEAD", IMPACT_UNKNOWN, \
		"it was current at a time that lies in the future: the clock was wrong then, or is now", \
		"timedatectl") \
	X(FEED_UNKNOWN, "feed_unknown", "NOT KNOWN", IMPACT_UNKNOWN, \
		"the record of the feed cannot be read; root and feedsync's user can read it", \
		"sudo feedsync status") \
	X(OUTPUT_ALARM, "output_alarm", "ALARM", IMPACT_DEGRADED, \
		"too much of what others are given would go, or come, at once, so it was not released; they keep the last release", \
		"feedsync share --accept OUTPUT") \
	X(OUTPUT_FAILING, "output_failing", "NOT RELEASED", IMPACT_DEGRADED, \
		"the last release to others failed; they keep the one before", \
		"feedsync share") \
	X(OUTPUT_STALE, "output_stale", "STALE", IMPACT_DEGRADED, \
		"`run` has not looked for an hour whether there is something new for others; they keep the last release", \
		"systemctl status feedsync") \
	X(OUTPUT_NOT_TRIED, "output_not_tried", "NOT RELEASED YET", IMPACT_DEGRADED, \
		"nobody has made a release of it since it was configured", \
		"feedsync share") \
	X(SIGHTINGS_FAILING, "sightings_failing", "NOT TOLD", IMPACT_DEGRADED, \
		"who is to be told what was hit could not be; what is pending stays, and is tried again", \
		"feedsync sightings") \
	X(SIGHTINGS_STALE, "sightings_stale", "STALE", IMPACT_DEGRADED, \
		"`run` has not looked for half a day at what was hit on the last day; nothing of it is lost for two weeks", \
		"systemctl status feedsync") \
	X(CHANNEL_HALTED, "channel_halted", "HALTED", IMPACT_DEGRADED, \
		"its canaries were unhealthy with a new table, or somebody halted it: it keeps the promoted table, the canaries went back, and nothing new is promoted", \
		"feedsync resume CHANNEL") \
	X(CHANNEL_ANOTHER, "channel_another", "ANOTHER COMPILER", IMPACT_DEGRADED, \
		"resolvers that pull from this channel get another compiler's tables, and nothing of this one", \
		"feedsync distribute --take-over CHANNEL") \
	X(CHANNEL_FAILING, "channel_failing", "NOT DISTRIBUTED", IMPACT_DEGRADED, \
		"the last attempt to give the table to this channel failed; resolvers that pull from it keep the table before", \
		"feedsync distribute CHANNEL") \
	X(CHANNEL_EXPIRED, "channel_expired", "EXPIRED", IMPACT_DEGRADED, \
		"the channel's manifest is over; resolvers that pull from it keep their table, and say that they are not well", \
		"feedsync distribute CHANNEL") \
	X(CHANNEL_BEHIND, "channel_behind", "BEHIND", IMPACT_DEGRADED, \
		"the channel has an older table than is published here", \
		"feedsync distribute CHANNEL") \
	X(CHANNEL_NOT_PROMOTED, "channel_not_promoted", "NOT PROMOTED", IMPACT_DEGRADED, \
		"its canaries are silent or not healthy, or nobody looks at them: it keeps the table that was promoted last", \
		"feedsync fleet") \
	X(CHANNEL_NOT_TRIED, "channel_not_tried", "NOT DISTRIBUTED YET", IMPACT_DEGRADED, \
		"nobody has given the published table to this channel since it was configured", \
		"feedsync distribute CHANNEL")
/* clang-format on */

#define CONDITION_CONSTANT(constant, ...) constant,
enum condition { CONDITION_WELL, CONDITIONS(CONDITION_CONSTANT) CONDITION_COUNT };
#undef CONDITION_CONSTANT

struct condition_row {
	const char *key, *word;
	enum impact impact;
	const char *meaning, *next;
};

/* The row of a condition; of CONDITION_WELL the word is "well", the impact IMPACT_NONE, the other texts "". Any thread. */
const struct condition_row *condition_row(enum condition condition);

/* "unprotected", "degraded", "unknown", "none". */
const char *impact_text(enum impact impact);
