/* SPDX-License-Identifier: BSD-3-Clause */
/* What surrounds the publishing of a table, whoever does it: `sync`, `run`, or a `rollback` beside them. One
 * publication at a time in a state directory, by a lock of its own (<state>/publish.lock, held for seconds). Each
 * table has the next generation, is archived for a rollback (archive.h), and is logged with what it changed
 * (history.h). Only the table itself can fail to be published: every other failure is a warning. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "feedsync/config/configuration.h"
#include "feedsync/feeds/feed.h"
#include "libweir/attributes.h"

struct history_override;
struct table;
struct why;

struct publication {
	const struct config *config;
	const char *cause;                       /* as in history_publish */
	uint64_t content_of;                     /* likewise */
	const struct history_override *override; /* that it is for; NULL = none */
	int lock;                                /* negative: none is held */
	uint64_t seen;                           /* what a lock that was given up had guarded (published_sum) */
	struct table *base;                      /* the table that is published when it begins, or NULL */
	uint64_t generation;                     /* of the new table */
	uint64_t entries;                        /* that it is made of */
	uint64_t fetch_ms, compile_ms, publish_ms;
};

/* Begins: waits for the lock, and opens the published table. Returns 0, or a negative code with the reason.
 * publication_end must follow in either case. It waits for another one that publishes, at most LOCK_WAIT_S. */
must_check int publication_begin(
	struct publication *publication, const struct config *config, const char *cause, struct why *why);
void publication_end(struct publication *publication);

/* Lets others publish while this one makes its table, and takes the lock again. Returns 0; PUBLICATION_OVERTAKEN if somebody
 * has published meanwhile, or changed the overrides or the hold, so that what this one knows is out of date; or a negative
 * code with the reason. */
enum { PUBLICATION_OVERTAKEN = 1 };
void publication_unlock(struct publication *publication);
must_check int publication_lock_again(struct publication *publication, struct why *why);

/* To be called when the new table has taken its place: writes its generation down, and archives it. */
void publication_done(struct publication *publication);

/* The same for a table that is not archived (amend.h). */
void publication_number(const struct publication *publication);

/* Archives the table that is published when it begins, if the archive does not have it: one that was published before
 * there was an archive, or that was amended since the last sync. */
void publication_archive_base(const struct publication *publication);

/* Logs the publication, after publication_done. `feeds`, of the configuration, tell how they came out; NULL if they
 * were not asked. Returns whether it could be logged. */
bool publication_log(const struct publication *publication, const struct feed *feeds);

/* Logs the table that was published already, if the log does not have it: a log that was lost, or could not be written,
 * shows then that something is missing. Returns whether the log has it. */
bool publication_log_base(const struct publication *publication);
