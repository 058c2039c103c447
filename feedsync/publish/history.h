/* SPDX-License-Identifier: BSD-3-Clause */
/* The log of what was published, for those who must account for it: when, who asked, from which feeds, what changed.
 * Only history.c and history_read.c know SQLite.
 *
 * It is <state>/history.sqlite. Each publish appends to it in one transaction, and what is there never changes. Only
 * the oldest details (changes, results of feeds) make room for new ones (maxima.h); the publishes themselves stay.
 * The log is no source of anything: whatever happens to it, publishing goes on, and says so.
 *
 * Its journal is SQLite's classic one, and each commit is synced. Unlike a write-ahead log it lets those read who may
 * only read the state directory. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "libweir/attributes.h"
#include "libweir/diff.h"

struct history;
struct why;

/* Opens the log; `write` creates it where it is missing. Returns 0 and a history that the caller closes, or a negative
 * code with the reason: -ENOENT where there is none to read. */
must_check int history_open(struct history **history, const char *state, bool write, struct why *why);
/* Closes it. What was not committed is lost. NULL is fine. */
void history_close(struct history **history);

/* One publish. */
struct history_publish {
	uint64_t generation;
	uint64_t time;       /* seconds since 1970 */
	const char *cause;   /* "sync", "look", "schedule", "reload", "rollback"; "operator": of no feed anything new;
				"unknown": found published, but not logged; or the command of an override */
	const char *user;    /* who asked */
	uint64_t content_of; /* of a rollback: the generation whose content it is; else 0 */
	uint64_t rules, entries, octets;
	uint64_t sum; /* of the table (table_body_sum): equal contents, equal sums */
	uint64_t fetch_ms, compile_ms, publish_ms;
	bool policy_changed;     /* categories, actions, groups, the list of feeds */
	bool counted;            /* whether what follows is known */
	uint64_t added, removed; /* changes, as diff.h has them */
};

/* One feed's part in it. */
struct history_feed {
	const char *name;
	const char *result; /* as feed_result_text has it; "gone" for one that is configured no more; "" */
	uint64_t entries, rejected;
	uint64_t added, removed; /* changes that are this feed's */
	const char *error_class; /* error_class_word of why it is not as fresh as it should be; "" */
};

/* A bypass that somebody began or ended. */
struct history_bypass {
	uint64_t time;      /* seconds since 1970 */
	uint64_t until;     /* 0: it was ended */
	const char *user;   /* who asked */
	const char *reason; /* and why; "" at an end */
};

/* What somebody allowed or blocked by command, or took back. */
struct history_override {
	uint64_t generation; /* that it published; 0: another one did, or will, or it changes nothing */
	uint64_t time;       /* seconds since 1970 */
	const char *user;    /* who asked */
	const char *change;  /* the command: "allow", "block", "unallow", "unblock" */
	const char *name;
	enum scope scope;
	uint64_t expires_at;         /* seconds since 1970; 0 = for good */
	const char *reason, *author; /* of what was taken back: those of the one who had given it */
};

/* Writing: begin, add, commit. After a failure the rest does nothing, and the commit returns the error. A publish keeps
 * HISTORY_CHANGES changes of each kind; the caller counts those beyond. */
void history_begin(struct history *history);
void history_add_change(struct history *history, uint64_t generation, const struct table_change *change);
void history_add_feed(struct history *history, uint64_t generation, const struct history_feed *feed);
void history_add_publish(struct history *history, const struct history_publish *publish);
void history_add_bypass(struct history *history, const struct history_bypass *bypass);
void history_add_override(struct history *history, const struct history_override *override);
must_check int history_commit(struct history *history, struct why *why);

/* Whether the log has a generation. Returns 1, 0, or a negative code with the reason. */
must_check int history_has(struct history *history, uint64_t generation, struct why *why);

/* Reading: each calls `visit` for what there is and returns 0, or a negative code with the reason. Texts are valid for
 * the call. */

/* The publishes from `generation` down, newest first, at most `limit`. */
must_check int history_publishes(struct history *history, uint64_t generation, uint64_t limit,
	void (*visit)(void *context, const struct history_publish *publish), void *context, struct why *why);

/* What was done about a bypass, newest first, at most `limit`. */
must_check int history_bypasses(struct history *history, uint64_t limit,
	void (*visit)(void *context, const struct history_bypass *bypass), void *context, struct why *why);

/* What a generation published by command; 0: what no generation of its own did. The newest first, at most `limit`. */
must_check int history_overrides(struct history *history, uint64_t generation, uint64_t limit,
	void (*visit)(void *context, const struct history_override *override), void *context, struct why *why);

/* The feeds of a publish, by name. */
must_check int history_feeds(struct history *history, uint64_t generation,
	void (*visit)(void *context, const struct history_feed *feed), void *context, struct why *why);

/* The changes that are kept of a publish, by name. With a `name`: all changes that are kept of that name, the newest
 * first. `change->source` is 0. */
must_check int history_changes(struct history *history, uint64_t generation, const char *name,
	void (*visit)(void *context, uint64_t generation, uint64_t time, const struct table_change *change),
	void *context, struct why *why);

/* Since when every change is kept. A rule that is in force now and has no change in the log began before `*since`,
 * the time of a publish; 0 = nothing is known. `*within`: the publish at `*since` itself may be incomplete. */
must_check int history_complete_since(struct history *history, uint64_t *since, bool *within, struct why *why);
