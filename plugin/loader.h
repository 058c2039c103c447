/* The table file on disk: noticing that it changed, and putting it in force. Knows nothing of Unbound. */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <sys/stat.h>

#include "attributes.h"
#include "counters.h"
#include "live.h"

#define LOADER_TABLE "/var/lib/weir/current.weir"

struct loader {
	char path[4096];
	struct live *live;
	struct counters *counters;
	struct counters_state state;               /* as last published */
	void (*say)(bool error, const char *text); /* one line for the operator's log */
	char said[4096 + 512];                     /* that line, until loader_report; "" = nothing */
	bool said_error;
	/* The file that was last looked at, accepted or not: device, inode, size and time of change tell any other
	 * apart. */
	struct timespec seen_changed;
	dev_t seen_device;
	ino_t seen_inode;
	off_t seen_size;
	unsigned seen_retry; /* it could not be read: looks until it is tried once more; 0 = not */
	int absent;          /* errno of the last try to open it, 0 = it opened */
};

void loader_init(struct loader *loader, const char *path, struct live *live, struct counters *counters,
	void (*say)(bool error, const char *text));

/* Looks at the file. If it is another one than last time, opens it and, if it is good, makes it the table in force. A
 * bad or missing one is said once and counted, and the old table stays. A file that could not be read (no memory, an
 * I/O error) is tried again, at once with `again`, else after some looks. Returns whether a new table is in force.
 * Takes as long as the disk does. Only one thread may call this and the others, and not one that is inside the table
 * (live.h).
 */
bool loader_check(struct loader *loader, bool again);

/* Says what the last check found. */
void loader_report(struct loader *loader);

/* Says in the counters what a walk over the cache did. `microseconds` is how long after a change it was complete; 0 for
 * a walk that had no such cause. */
void loader_count_scrub(struct loader *loader, uint64_t walked, uint64_t evicted, uint64_t microseconds);
