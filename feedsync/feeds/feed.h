/* SPDX-License-Identifier: BSD-3-Clause */
/* One feed's life: what is known of it between runs, fetching it, and its last good version.
 *
 * On disk, in <state>/feeds/<name>/:
 *   good.<format>   the last version that passed every check: a file; for a MISP feed a directory like the one served
 *                   (manifest.json and an <uuid>.json for each event); for one that comes in pages a directory of them (pages.h)
 *   feed.json       what is known of it: validators for conditional requests, times, counts, the last error
 *   new..., next    downloads under way, and the directory that they become
 * A version takes its place as a whole, by rename, and only after it has been parsed and found to hold something.
 * Whatever fails, the last good version stays.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "feedsync/base/file_sum.h"
#include "feedsync/compile/compile.h"
#include "feedsync/config/configuration.h"
#include "feedsync/entries/sink.h"
#include "feedsync/guard/guard.h"
#include "feedsync/net/fetch.h"
#include "libweir/attributes.h"

/* How a feed came out of this run. */
enum feed_result {
	FEED_NOT_DUE,   /* not asked for */
	FEED_UNCHANGED, /* asked: the last good version is current */
	FEED_FRESH,     /* a new version is the last good one */
	FEED_LAST_GOOD, /* failed, wholly or in parts: an older version, or older parts, go on being used */
	FEED_NOTHING,   /* failed, and there never was a good version */
};

const char *feed_result_text(enum feed_result result);

enum { FEED_DIRECTORY = 2048 }; /* room for the path of a feed's directory (MAX_STATE_PATH) */

/* An event of a MISP feed, as fetched. */
struct feed_event {
	char uuid[37];
	uint64_t
		timestamp; /* of the version we have: the manifest's, or the event's own if that is older; 0 = not told */
	char etag[256];
	char last_modified[64];
	uint64_t asked_at;   /* when the server last said that this is its version ... */
	uint64_t fetched_at; /* ... and when it last sent it; 0 = not known */
};

struct feed {
	const struct feed_config *config;
	char directory[FEED_DIRECTORY];
	char good[2304];
	char next[2304];
	bool unread; /* feed.json cannot be read just now, so what follows is not what is known of the feed */
	/* kept between runs (feed.json); times in seconds since 1970, 0 = never */
	char url[URL_MAX + 1]; /* that the validators are about: with another URL they are forgotten */
	char format[32];       /* that all of it is about */
	char etag[256];
	char last_modified[64];
	char sum[FILE_SUM];      /* of the good version, if it is one file (file_sum.h); "" = not known */
	char next_sum[FILE_SUM]; /* of one that was just to take its place, or "" */
	uint64_t asked_at;       /* last attempt */
	uint64_t fetched_at;     /* last time the server sent the good version: the document, or the manifest */
	uint64_t current_at;     /* last time the good version was known to be the server's */
	uint64_t changed_at;     /* last time the good version changed */
	uint64_t failures;       /* in a row */
	uint64_t retry_at;       /* until then its server asks to be left alone */
	char error[512];         /* of the last attempt, then what is the matter with the good version; or "" */
	uint64_t signed_at;      /* time that the signature of the good version tells, 0 = none */
	char signer[17];         /* number of the key it is of, "" = it was not signed */
	uint64_t missing;        /* events that the manifest lists and the server has not */
	struct tally tally;      /* of the good version, as last parsed */
	uint64_t
		reference; /* entries of the good version if it is whole, when it came: what alarms compare with; 0 = not known */
	uint64_t
		lapsed; /* entries that had expired in the version before and are renewed, as long as no table has them */
	uint64_t
		expired; /* entries of versions before that expired while the published table had them, as long as it is that one */
	enum alarm alarm;        /* that the last attempt raised */
	char redirected_to[256]; /* the host that its server redirected to last, "" = to none */
	char withheld[256]; /* why the published table still has an older version than the good one; "" = it has not */
	enum alarm withheld_alarm; /* that is the reason */
	struct feed_event *events;
	size_t event_count;
	uint64_t next_at; /* when it will be asked again; 0 = nobody has planned it */
	/* of this run */
	uint64_t new_expired;   /* of the good version, when another one that has come was judged by it */
	uint64_t new_signed_at; /* of the document that has come */
	bool accept;            /* an alarm is to be passed over */
	bool accepted;          /* one was */
	bool spoilt;            /* the good version turned out not to be one, when the table was made */
	uint64_t wait_s;        /* from its end until it is to be asked again */
	bool dated;             /* its server has told the time ... */
	int64_t ahead;          /* ... and by so many seconds the clock is ahead of that */
	enum feed_result result;
};

/* Where all of a feed is kept. */
void feed_directory(const char *state, const char *name, char path[FEED_DIRECTORY]);

struct why;
/* Reads what is known of the feed. A damaged or absent feed.json is as if it were new; one that cannot be read is tried
 * again before the feed is asked, which waits for it: what a new version is judged by, and the time of its signature,
 * are known there alone. The feed is freed by feed_end. */
void feed_begin(struct feed *feed, const struct feed_config *config, const char *state);
void feed_end(struct feed *feed);

/* Reads feed.json anew into a feed that is `unread`. Returns 0, or -errno with the reason. */
must_check int feed_read(struct feed *feed, struct why *why);

/* Whether there is a good version. */
bool feed_has_good(const struct feed *feed);

/* The guard for its entries: none where they are allow rules, the operator's own decision. */
const struct guard *feed_guard(const struct feed *feed, const struct guard *guard);

/* Guards the hosts that the feeds' servers have redirected to. Returns 0 or -ENOMEM. */
must_check int feeds_guard_hosts(const struct feed *feeds, size_t count, struct guard *guard);

/* How a version of it at `path` is parsed; the source is not filled in. */
struct compile_feed feed_parse(const struct feed *feed, const char *path);

/* Parses one and fills in its tally. Returns as compile_check does. */
must_check int feed_check(
	const struct feed *feed, const char *path, const struct guard *guard, struct tally *tally, struct why *why);

/* Whether a new version with this tally is to be believed (alarm.h), and may be empty if it is. Returns 0, or -EBADMSG
 * with the reason, and notes the alarm. */
must_check int feed_check_alarms(
	struct feed *feed, const struct tally *tally, const struct guard *guard, struct why *why);

/* Whether it is right that the good version, which gave this tally, has no entry: that was judged when it came, or all of
 * it has expired. It is not where a setting or a guard has left nothing of it. */
bool feed_may_be_empty(const struct feed *feed, const struct tally *tally);

/* Takes over what is known of a version that has become the last good one; of one that is not `whole` some is yet to
 * come, so it is nothing to compare with. */
void feed_adopt(struct feed *feed, const struct tally *tally, bool whole);

/* Sets the result and error of a feed that failed. */
void feed_fail(struct feed *feed, const char *error);

/* The same once its turn has ended already: its last good version turned out not to be one, be it in part (its tally
 * tells). That is told behind the error of the last attempt, which may be why it lasts, and once, however often this is
 * called. Forgets the validators, so that the next run fetches all of it anew. */
void feed_note_damage(struct feed *feed, const char *reason);

/* Takes over from a download that failed how long its server asks to be left alone. */
void feed_note_wait(struct feed *feed, const struct fetch *fetch);

/* Seconds for which it still does, at most MAX_RETRY_AFTER_S. */
uint64_t feed_wait(const struct feed *feed);

struct node;
/* What is known of the feed as a JSON object, for people to see: its URL is the public part, its events are left out.
 * NULL when out of memory. */
struct node *feed_to_json(const struct feed *feed);

/* Writes feed.json. Returns as atomic_file_write does. */
must_check int feed_save(const struct feed *feed, struct why *why);
