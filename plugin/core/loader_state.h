/* SPDX-License-Identifier: BSD-3-Clause */
/* What the parts of the loader share: its state, how a table comes into force, and what is said when none does.
 * loader.c looks at the table's file; loader_keep.c keeps the table in force for whoever comes next. */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <sys/stat.h>
#include <time.h>

#include "libweir/attributes.h"
#include "libweir/bypass.h"
#include "libweir/live/counters.h"
#include "plugin/core/current_table.h"
#include "plugin/core/spare.h"

enum { LOADER_RETRY = 30 }; /* looks until something that could not be done is tried once more */

struct loader {
	char path[4096];
	struct current *current;
	struct counters *counters;
	struct counters_state state;               /* as last published */
	void (*say)(bool error, const char *text); /* one line for the operator's log */
	char said[4096 + 2048];                    /* that line, until loader_report; "" = nothing */
	bool said_error;
	/* The file that was last looked at, accepted or not: device, inode, size and time of change tell any other
	 * apart. */
	struct timespec seen_changed;
	dev_t seen_device;
	ino_t seen_inode;
	off_t seen_size;
	struct timespec seen_modified;
	nlink_t seen_names;   /* how many names it had then */
	unsigned seen_retry;  /* it could not be read: looks until it is tried once more; 0 = not */
	int absent;           /* errno of the last try to open it, 0 = it opened */
	uint64_t nameless_us; /* since when the path leads to a file that has lost its name; 0 = it does not */
	/* What was in force before the module began. */
	int handover;  /* a descriptor, -1: none */
	bool restored; /* what there was has been tried */
	struct spare spare;
	uint64_t spare_of;   /* the number of the table it was last begun for */
	unsigned spare_wait; /* it could not be written: looks until it is tried once more */
	bool spare_due;      /* the loaded table is not in the spare yet */
	/* loader_bypass.c; state.bypass_until tells whether it is in force */
	struct bypass bypass;         /* the file that was last looked at */
	uint64_t bypass_deadline_us;  /* when it ends, by a clock that nobody sets */
	char bypass_said[4096 + 512]; /* as `said` */
};

/* What a clock shows, in microseconds. */
uint64_t loader_now_us(clockid_t clock);

/* Seconds since 1970. */
uint64_t loader_now_s(void);

/* Notes that what lies at the path is not what is in force, and why. The log tells the operator once, the counters for
 * as long as it holds. `stays` says what stays in force, if anything is. */
void loader_set_trouble(struct loader *loader, const char *reason, const char *stays);

/* The same for a table that was refused, which is counted. */
void loader_refuse(struct loader *loader, const char *reason);

/* Puts a table in force that was read from `file`, as of `since` (seconds since 1970). Takes the table in any case. The
 * caller publishes the state and says so. Returns false when there is no memory: the table is refused. */
must_check bool loader_accept(
	struct loader *loader, struct table *table, const char *file, uint64_t since, uint64_t load_us);

/* Writes "in force: generation 5, ..." */
void loader_describe(const struct loader *loader, char *text, size_t size);

/* Writes a time, in seconds since 1970, as "2026-01-31T23:59:59Z". */
enum { LOADER_TIME = 32 };
const char *loader_time_text(uint64_t time, char text[LOADER_TIME]);

/* Hands the lines that are waiting, if any, to `say`. */
void loader_report(struct loader *loader);
