/* One synchronisation: fetch what is due, compile what is good, publish, tell the resolvers. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "attributes.h"
#include "configuration.h"
#include "feed.h"
#include "wall_clock.h"

/* Exit codes of `feedsync sync`. */
enum sync_result {
	SYNC_FRESH = 0,     /* published, or nothing to publish, and all feeds are fresh or unchanged */
	SYNC_LAST_GOOD = 1, /* the published table is right, but some feeds are on their last good version */
	SYNC_NOTHING = 2,   /* nothing published: what was there before stays */
	SYNC_STOPPED = 3,   /* cut short: the program is to end, or to begin anew */
	SYNC_HELD = 4,      /* fetched, but a hold (hold.h) forbids to publish; for the shell that is SYNC_NOTHING */
	SYNC_OWN = 5,       /* published, but of the feeds nothing new: that was refused, and their part stays as it was
			       published before; for the shell that is SYNC_LAST_GOOD */
};

struct sync {
	const struct config *config;
	struct feed *feeds; /* of the configuration, in its order */
	int lock;           /* file descriptor that holds the lock of the state directory */
	bool resident;      /* set by the caller: this is `run` */
	struct why
		taken_out; /* set by a run: whose rules stay though the configuration has him no more; "" = nobody's */
	bool accept;       /* of this run: the table's alarm is to be passed over */
	const char *cause; /* likewise: why it runs, as in history_publish */
	bool reloaded;     /* set by the caller: the configuration is new, and takes effect before feeds are asked */
};

/* What is known of the last run: <state>/sync.json. */
struct sync_record {
	uint64_t at; /* when it ended, or began; seconds since 1970; 0 = never */
	bool ended;
	bool resident;   /* it was one of `run`, which takes care of the feeds' intervals */
	char error[512]; /* why nothing was published, or "" */
	struct wall_record wall;
};

/* Begins to tell the time of day (wall_clock.h), by what the last run left. */
void sync_begin_clock(const struct config *config);

/* Reads it; a missing one is as if nothing had ever run. */
void sync_read_record(struct sync_record *record, const char *state);

/* Begins: creates and locks the state directory, reads what is known of the feeds. `before` (or NULL) is one that this
 * one is to take the place of: it may have the same directory, and goes on if this one cannot begin. Returns 0, or -1
 * with the reason logged (another feedsync runs there). */
must_check int sync_begin(struct sync *sync, const struct config *config, const struct sync *before);
void sync_end(struct sync *sync);

/* Does it for the feeds for which due[i] is true; the others' last good versions are compiled too. `stop` as in
 * fetch_all. */
enum sync_result sync_run(struct sync *sync, const bool *due, bool (*stop)(void));
