/* SPDX-License-Identifier: BSD-3-Clause */
/* How much of the disk a feed may take, so that none fills it: the others need it for their downloads, the table for its
 * next version, and the machine for more than us.
 *
 * What comes of a feed in one run may be as much as it leaves free, in other words half of what was free before; so
 * there is always as much again for everybody else. Where what it has stays (the events of a MISP feed, the pages of a
 * series), all of it together may be as much as it leaves free, or a sixteenth of the file system if that is more, and
 * MAX_SERIES in any case. Free is what the system says while it comes: feeds that come side by side share it, and what
 * was too much in one run fits in another, once there is room. */
#pragma once

#include <stdint.h>

#include "libweir/attributes.h"

struct why;

struct disk_budget {
	const char *directory; /* of the file system */
	uint64_t own;          /* octets that the feed has there, and will keep */
	uint64_t used;         /* that have come in this run */
};

/* Begins a run. `kept`: a directory of files that stay beside what comes, or NULL. Both are borrowed; the latter for the
 * call only. */
void disk_budget_begin(struct disk_budget *room, const char *directory, const char *kept);

/* Takes so many octets more. Returns 0, or -ENOSPC with the reason: then nothing is taken. */
must_check int disk_budget_take(struct disk_budget *room, uint64_t octets, struct why *why);

/* Gives back what was taken, as it is not there any more. */
void disk_budget_give(struct disk_budget *room, uint64_t octets);
