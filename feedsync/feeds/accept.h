/* SPDX-License-Identifier: BSD-3-Clause */
/* What the operator accepts once, although it raised an alarm: `feedsync sync --accept FEED`.
 *
 * It is a mark, an empty file in the state directory: <state>/feeds/<name>/accept for a feed, <state>/accept for the
 * table. The next run that asks for the feed takes it away, whatever comes of it: so it never accepts what nobody has
 * looked at; the table's stays until there is one. What is accepted of a feed is accepted of the table too. Being a
 * file it reaches a `feedsync run` that is at work. */
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

/* Leaves the marks. Returns 0, or -1 with the reason logged (there is no such feed, or nobody has ever asked for it). */
must_check int accept_leave(const struct config *config, const struct acceptance *acceptance);

/* Whether there is a mark in a directory of the state; and takes it away. */
bool accept_found(const char *directory);
void accept_end(const char *directory);

/* Leaves one for the next run. */
void accept_keep(const char *directory);
