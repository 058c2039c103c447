/* SPDX-License-Identifier: BSD-3-Clause */
/* How much of the disk a feed may take, so that none fills it: the others need it for their downloads, the table
 * for its next version, and the machine for more than us.
 *
 * - In one run a feed may bring as much as it leaves free: half of what was free before. So everybody else always
 *   has as much again.
 * - Some feeds keep what they have (the events of a MISP feed, the pages of a paged feed). All that such a feed
 *   has may be as much as it leaves free, or a sixteenth of the file system where that is more.
 * - No feed may have more than MAX_FEED_DISK.
 *
 * The system is asked what is free each time. So feeds that come side by side share it, and a feed that was too
 * much for one run fits in a later one, once there is room. */
#pragma once

#include <stdint.h>

#include "libweir/attributes.h"

struct why;

struct disk_budget {
	const char *directory; /* of the file system */
	uint64_t own;          /* octets that the feed has there, and will keep */
	uint64_t used;         /* octets that have come in this run */
};

/* Begins a run. `kept` is a directory whose files stay beside what comes, or NULL. `directory` is borrowed as long
 * as the budget is in use, `kept` for the call only. */
void disk_budget_begin(struct disk_budget *room, const char *directory, const char *kept);

/* Takes `octets` more. Returns 0, or -ENOSPC with the reason; then nothing is taken. */
must_check int disk_budget_take(struct disk_budget *room, uint64_t octets, struct why *why);

/* Gives octets back that were taken, since they are no longer on the disk. Giving back more than was taken gives
 * all. */
void disk_budget_give(struct disk_budget *room, uint64_t octets);
