/* SPDX-License-Identifier: BSD-3-Clause */
/* What the operator accepts once although it raised an alarm: `feedsync sync --accept FEED` and `--accept-table`.
 *
 * It is an empty file in the state directory: <state>/feeds/<name>/accept for a feed, <state>/accept for the table.
 * Being a file it reaches a `feedsync run` that is at work. The next update of the feed removes the feed's file,
 * whatever comes of it: so nobody accepts what he has not looked at. The table's file stays until there is a table.
 * What is accepted of a feed is accepted of the table too. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "libweir/attributes.h"

struct config;

struct acceptance {
	const char *const *feeds; /* names */
	size_t feed_count;
	bool table;
};

struct why;

/* Creates the files. Returns 0, or -errno with the reason: -ENOENT where there is no such feed, or nobody has ever
 * asked for it; then none is created. */
must_check int accept_leave(const struct config *config, const struct acceptance *acceptance, struct why *why);

/* Whether the file is there in a directory of the state; and removes it. */
bool accept_found(const char *directory);
void accept_end(const char *directory);

/* Creates the file for the next run. A failure is logged. */
void accept_keep(const char *directory);
