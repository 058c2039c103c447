/* SPDX-License-Identifier: BSD-3-Clause */
/* What `run` hands to the process that serves the pages: one file, replaced as a whole, in a directory that both know.
 * All that can be shown is rendered already, and nothing else is in it: so the server needs no state directory, no
 * configuration and no key. It also gets where to listen, the path of the table, and which names of feeds it may show. */
#pragma once

#include <stdint.h>

#include "feedsync/config/configuration.h"
#include "libweir/attributes.h"

#define SNAPSHOT_FILE "snapshot.json"

enum {
	SNAPSHOT_S = 10,     /* from one to the next */
	SNAPSHOT_OLD_S = 60, /* an older one, or one of the future, is not shown: `run` is not at work */
	MAX_SNAPSHOT = 16 << 20,
};

struct why;
struct node;

/* Gathers, renders, and replaces the file in the configuration's directory. Remembers what was blocked (tally.h). Returns
 * 0, or a negative code with the reason. */
must_check int snapshot_publish(const struct config *config, struct why *why);

struct snapshot {
	struct node *document; /* owns the texts */
	uint64_t at;           /* when it was gathered, seconds since 1970 */
	const char *listen, *table, *metrics, *page, *fleet, *status;
	const struct node *feeds; /* names that may be shown */
};

/* Reads the file of a directory. Returns 0 and a snapshot that snapshot_end frees; or -errno, or -EBADMSG, with the
 * reason. */
must_check int snapshot_read(struct snapshot *snapshot, const char *directory, struct why *why);
void snapshot_end(struct snapshot *snapshot);

/* Whether a feed's name may be shown. */
bool snapshot_shows(const struct snapshot *snapshot, const char *feed);

/* ---- for `run` ---- */

#include "feedsync/base/worker.h"

struct snapshot_worker {
	struct worker worker; /* which makes one */
	uint64_t next_ms;     /* when the next one is due, clock_ms() */
	bool failed;          /* the last one did, which was logged */
};

/* Begins a snapshot if one is due, and takes the end of one that was made. Does nothing where the configuration names no
 * `listen`. Never waits. */
void snapshot_worker_step(struct snapshot_worker *worker, const struct config *config);

/* Until the next call, in milliseconds; -1: there is none to come. */
int64_t snapshot_worker_wait_ms(const struct snapshot_worker *worker, const struct config *config);
void snapshot_worker_end(struct snapshot_worker *worker);
