/* SPDX-License-Identifier: BSD-3-Clause */
/* What an operator wants to know at 3 a.m.: how the feeds are, and what the resolvers do. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "feedsync/config/configuration.h"

/* Prints it, in words or as one JSON object. Reads only: needs no lock. Returns the exit code: 0, or 1 when something
 * needs attention: the table does not open; the last run published nothing; somebody holds publishing; what is
 * published is not in the history; a feed failed last time, is stale, or empty; no resolver is there, one has died, or
 * has another generation; the time of the last run, or of a feed's last success, is ahead of the clock; or what of this
 * is so cannot be seen. */
int status_print(const struct config *config, bool json);

/* How long ago a time was, in seconds since 1970: "3 min ago"; "never" for 0; "3 days in the future". */
const char *ago_text(uint64_t now, uint64_t then, char text[32]);
