/* SPDX-License-Identifier: BSD-3-Clause */
/* One feed: what the configuration says of it, what is known of it between runs, and its last good version.
 *
 * On disk, in <state>/feeds/<name>/:
 *   good.<format>   the last version that passed every check. It is a file; for a MISP feed a directory like the one
 *                   that is served (manifest.json and an <uuid>.json for each event); for a feed that comes in pages
 *                   a directory of its pages (pages.h); for a MISP instance a directory of its events (misp_listing.h)
 *   feed.json       what is known of the feed (struct feed_record)
 *   new..., next    downloads under way, and the directory that they become
 *
 * Invariant: a version becomes the last good one as a whole, by rename, and only after it has been parsed and judged.
 * Whatever fails, the last good version stays. Updating is the business of update.h. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "feedsync/base/digest.h"
#include "feedsync/base/error_class.h"
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

/* What is known of an event of a MISP feed. */
struct feed_event {
	char uuid[37];
	uint64_t timestamp; /* of our version: the manifest's, or the event's own where that is older; 0 = not known */
	char etag[256];
	char last_modified[64];
	uint64_t asked_at;        /* when the server last said that this is its version */
	uint64_t fetched_at;      /* when the server last sent it; 0 = not known */
	char sha256[SHA256_TEXT]; /* of our version, as a signed manifest told it; "" = none did */
};

/* What feed.json keeps of a feed between runs. Plain data without a pointer: a process that updates the feed hands it
 * back in shared memory. Times are seconds since 1970, 0 = never; a text may be "" = none. */
struct feed_record {
	char url[URL_MAX + 1]; /* that the validators belong to: they are forgotten when the URL changes */
	char format[32];       /* that the record belongs to: all of it is forgotten when the format changes */
	char etag[256];
	char last_modified[64];
	char sum[FILE_SUM];      /* of the good version, where that is one file (file_sum.h) */
	char next_sum[FILE_SUM]; /* of a version that was about to become the good one */

	uint64_t asked_at;            /* last attempt */
	uint64_t fetched_at;          /* the server sent the good version: the document, or the manifest */
	uint64_t current_at;          /* the good version was known to be the server's */
	uint64_t changed_at;          /* the good version changed */
	uint64_t next_at;             /* planned next attempt; 0 = none is planned */
	uint64_t retry_at;            /* the server asks to be left alone until then */
	uint64_t failures;            /* in a row */
	char error[512];              /* of the last attempt, then what is wrong with the good version */
	enum error_class error_class; /* of `error`; ERROR_NONE where that is only a remark on a feed that is well */

	uint64_t signed_at;      /* time that the signature of the good version tells */
	char signer[17];         /* number of the key that signed the good version */
	uint64_t received;       /* octets, in all attempts */
	uint64_t missing;        /* events that the manifest lists and the server does not have */
	uint64_t edited;         /* events that are being edited, whose last published version is in use, */
	uint64_t edited_at;      /* and since when the first of them is */
	uint64_t key_asked_at;   /* when a MISP instance was last asked what the feed's key is */
	char key_note[256];      /* what there is to be told of that, or "" */
	char redirected_to[256]; /* the host that the server redirected to last */

	struct parse_report parsed; /* what the good version gave when it was parsed last */
	uint64_t reference; /* entries of the last whole version when it came: alarms compare with it; 0 = not known */
	uint64_t lapsed;    /* entries that had expired in the version before and came back; until a table has them */
	uint64_t expired;   /* entries of earlier versions that expired while the published table had them */
	enum alarm alarm;   /* that the last attempt raised */
	char withheld[256]; /* why the published table still has an older version than the good one */
	enum alarm withheld_alarm; /* the alarm that is the reason */
};

/* What is known of a feed in this run only. Plain data as well. */
struct feed_run {
	enum feed_result result;
	bool accept;            /* the operator accepts an alarm of this feed */
	bool accepted;          /* an alarm was raised and accepted */
	bool damaged;           /* compiling found that the good version is damaged */
	bool dated;             /* the server told the time */
	int64_t ahead;          /* seconds that our clock is ahead of the server's, where `dated` */
	uint64_t wait_s;        /* from the end of this run until the feed is to be asked again */
	uint64_t new_expired;   /* entries of the good version that expired, found when a new version was judged */
	uint64_t new_signed_at; /* time that the signature of the new document tells */
};

struct feed {
	const struct feed_config *config; /* what the configuration says; borrowed */
	char directory[FEED_DIRECTORY];
	char good[2304]; /* path of the last good version */
	char next[2304]; /* path of the version that is being put together */
	bool unread;     /* feed.json could not be read: the record and the events are not valid */
	struct feed_record record;
	struct feed_event *events; /* kept in feed.json too; freed by feed_end */
	size_t event_count;
	struct feed_run run;
};

/* What a process that works on a feed hands back of it. Plain data: it goes through shared memory. */
struct feed_outcome {
	bool unread;
	size_t event_count; /* the events themselves are not in it */
	struct feed_record record;
	struct feed_run run;
};

struct feed_outcome feed_outcome(const struct feed *feed);

/* Takes over such an outcome. The caller sees to it that the feed has as many events. */
void feed_take_outcome(struct feed *feed, const struct feed_outcome *outcome);

/* Writes the path of a feed's directory. */
void feed_directory(const char *state, const char *name, char path[FEED_DIRECTORY]);

struct why;
/* Reads what is known of the feed; feed_end frees it. A feed.json that is missing or damaged makes the feed a new one.
 * One that cannot be read at the moment makes the feed `unread`: an update reads it again first, and fails if that
 * fails, since new versions and their signatures are judged by it. */
void feed_begin(struct feed *feed, const struct feed_config *config, const char *state);
void feed_end(struct feed *feed);

/* Reads feed.json again into a feed that is `unread`. Returns 0, or -errno with the reason. */
must_check int feed_read(struct feed *feed, struct why *why);

/* Whether there is a good version. One that cannot be seen at the moment is not gone. */
bool feed_has_good(const struct feed *feed);

/* The guard for the feed's entries; NULL where they are allow rules, which are the operator's own decision. */
const struct guard *feed_guard(const struct feed *feed, const struct guard *guard);

/* Guards the hosts that the feeds' servers have redirected to. Returns 0 or -ENOMEM. */
must_check int feeds_guard_hosts(const struct feed *feeds, size_t count, struct guard *guard);

/* Whether the feeds may be published: each that allows has a good version, or else its rules in the published table, which
 * may be NULL. Returns 0, or -ENODATA with the reason. */
must_check int feeds_check_allowing(
	const struct feed *feeds, size_t count, const struct table *published, struct why *why);

/* How a version of the feed at `path` is parsed; the source is not filled in. */
struct compile_feed feed_parse(const struct feed *feed, const char *path);

/* The feeds that have a good version, as the compiler wants them: `source.feed` of each is its index among `feeds`.
 * Returns how many; `list` has room for all. */
size_t feeds_list_good(const struct feed *feeds, size_t feed_count, struct compile_feed *list);

/* Parses the version at `path` and fills in the report. Returns as compile_check does. */
must_check int feed_check(const struct feed *feed, const char *path, const struct guard *guard,
	struct parse_report *report, struct why *why);

/* Judges a new version by its report (alarm.h); a version without an entry is judged as well. Returns 0, or -EBADMSG
 * with the reason; where an alarm is the reason it is noted in the record. */
must_check int feed_check_alarms(
	struct feed *feed, const struct parse_report *report, const struct guard *guard, struct why *why);

/* Whether it is right that the good version, which gave these counts, has no entry: that was judged when it came, or all
 * its entries have expired. It is not right where a setting or a guard took all its entries. */
bool feed_may_be_empty(const struct feed *feed, const struct parse_counts *counts);

/* Notes that a new version is the last good one now. `whole`: nothing of it is missing, so later versions are compared
 * with it. */
void feed_adopt(struct feed *feed, const struct parse_report *report, bool whole);

/* Sets the result and the error of a feed that failed. */
void feed_fail(struct feed *feed, enum error_class class, const char *error);

/* Forgets the error of an attempt before. */
void feed_clear_error(struct feed *feed);

/* The class of a code by which an update failed: ERROR_ALARM where the new version raised an alarm, ERROR_HTTP for
 * -EPROTO (the server's answer cannot be followed), ERROR_AUTH for -EKEYREJECTED (it refuses), else as
 * error_class_from_code. */
enum error_class feed_error_class(const struct feed *feed, int code);

/* Notes, after an update has ended, that the last good version is damaged, wholly or in part (its counts tell). The
 * reason is put behind the error of the last attempt, once, however often this is called. Forgets the validators, so
 * that the next update fetches everything. */
void feed_note_damage(struct feed *feed, const char *reason);

/* Notes how long the server asks to be left alone, where a fetch failed. */
void feed_note_wait(struct feed *feed, const struct fetch *fetch);

/* Seconds for which the server is still to be left alone, at most MAX_RETRY_AFTER_S. */
uint64_t feed_wait(const struct feed *feed);

struct node;
/* The record as a JSON object, for people to see: its URL is the public part, the events are left out. NULL when out of
 * memory. */
struct node *feed_to_json(const struct feed *feed);

/* Writes feed.json. Returns as atomic_file_write does. */
must_check int feed_save(const struct feed *feed, struct why *why);
