/* SPDX-License-Identifier: BSD-3-Clause */
/* Sightings, and what became of them: <state>/sightings.sqlite. What is to be told is written there as pending, with its UUID and
 * time, in one transaction that also closes the day. Only what is written there is ever sent, and as it stands there. So a crash
 * at any point neither loses a sighting nor makes another one of it, and no day is told twice.
 *
 * It is no source of anything but what is sent: whatever happens to it, blocking and publishing go on. One thread at a time. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "feedsync/circle/sighting.h"
#include "feedsync/circle/withheld.h"
#include "libweir/attributes.h"

struct sighting_store;
struct why;

#define SIGHTINGS_FILE "sightings.sqlite"

/* Opens the store; `write` creates it where it is missing. Returns 0 and a store that the caller closes, or a negative code with
 * the reason, and NULL: -ENOENT where there is none to read. */
must_check int sighting_store_open(struct sighting_store **store, const char *state, bool write, struct why *why);
void sighting_store_close(struct sighting_store **store); /* NULL is fine */

/* The last day that was closed for a partner; 0: none was. */
must_check int sighting_store_last_day(
	struct sighting_store *store, const char *partner, uint64_t *day, struct why *why);

/* A day as it is closed: its sightings, and how many entries are withheld. */
struct sighting_day {
	uint64_t day, at; /* at: when it is closed */
	const char *made; /* what is made of its sightings (sighting_way.h) */
	const struct sighting *list;
	size_t count;
	const uint64_t *withheld; /* of each enum withheld */
};

/* Takes out of a list what is there already, by the UUID, whatever became of it: false positives of earlier days. Returns 0 or a
 * negative code with the reason. */
must_check int sighting_store_drop_known(
	struct sighting_store *store, const char *partner, struct sighting *list, size_t *count, struct why *why);

/* Closes a day: writes its sightings as pending, all or nothing. One whose UUID is there already is left out. Sets how many are
 * new. Returns 0 or a negative code with the reason. */
must_check int sighting_store_close_day(struct sighting_store *store, const char *partner,
	const struct sighting_day *day, uint64_t *added, struct why *why);

/* ---- sending ---- */

/* Calls `visit` with each group that has pending sightings: first the groups that failed least, by the sighting of each that was
 * tried most, so that new sightings do not bring one forward; then the oldest. It stops at MAX_SIGHTING_GROUPS. The store must not
 * be called from `visit`. */
enum { MAX_SIGHTING_GROUPS = 100000 };
must_check int sighting_store_groups(struct sighting_store *store, const char *partner,
	int (*visit)(void *context, const char *group), void *context, struct why *why);

/* A part of a group's pending sightings. */
struct sighting_batch {
	struct sighting *list; /* the caller's, with room for `most`; names and feeds are NULL */
	size_t most, count;
	int64_t after; /* only those with a greater id */
};

/* Reads the next ones, in order of id: `count` is 0 behind the last. */
must_check int sighting_store_batch(struct sighting_store *store, const char *partner, const char *group,
	struct sighting_batch *batch, struct why *why);

/* The day of the oldest pending sighting; 0: nothing is pending. Returns 0 or a negative code with the reason. */
must_check int sighting_store_oldest(struct sighting_store *store, const char *partner, uint64_t *day, struct why *why);

/* Calls `visit` with what is pending, or was sent, of a day and of later ones, as far as the same is made of it: in order of days, and of UUIDs. Returns 0; what
 * `visit` returned, which ends it; or a negative code with the reason. */
must_check int sighting_store_told(struct sighting_store *store, const char *partner, const char *made, uint64_t first,
	int (*visit)(void *context, const struct sighting *sighting, struct why *why), void *context, struct why *why);

/* Notes what became of pending sightings: the state and words of each. One that is still pending was tried once more. Returns 0
 * or a negative code with the reason: then nothing is noted. */
must_check int sighting_store_settle(struct sighting_store *store, const char *partner, const struct sighting *list,
	size_t count, uint64_t now, struct why *why);

/* Gives up what is pending of days before `pending_from`, and that of which another thing was to be made, since he is told in another
 * way now. Forgets what was settled of days before `kept_from`; but never that
 * of an entry a false positive was told. Returns 0 or a negative code with the reason. */
must_check int sighting_store_forget(struct sighting_store *store, const char *partner, const char *made,
	uint64_t pending_from, uint64_t kept_from, uint64_t now, struct why *why);

/* ---- looking ---- */

struct sighting_counts {
	uint64_t pending;
	uint64_t ended[SIGHTING_STATES];   /* in all, by the state in which they ended */
	uint64_t day;                      /* the last one that was closed; 0: none was */
	uint64_t found;                    /* sightings of that day */
	uint64_t withheld[WITHHELD_COUNT]; /* entries of that day */
};
must_check int sighting_store_counts(
	struct sighting_store *store, const char *partner, struct sighting_counts *counts, struct why *why);

/* Calls `visit` for what there is: of a partner, or of all (NULL); of a name, or of all (NULL); in one state, or in all
 * (SIGHTING_STATES). Newest day first, at most `limit` (0: all). Texts are clean and valid for the call. */
struct sighting_question {
	const char *partner, *name;
	enum sighting_state state;
	uint64_t limit;
};
must_check int sighting_store_each(struct sighting_store *store, const struct sighting_question *question,
	void (*visit)(void *context, const char *partner, const struct sighting *sighting), void *context,
	struct why *why);
