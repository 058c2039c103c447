/* SPDX-License-Identifier: BSD-3-Clause */
/* Times as feeds write them, and as we do. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "libweir/attributes.h"

enum { TIMESTAMP_ROOM = 32 };

/* Reads "2026-03-18T11:00:00.123456+01:00", with a blank for the T, without fraction, without offset or with Z
 * (both are UTC), without seconds, or without a time of day (midnight); or a number of seconds since 1970, of nine
 * digits at least (20260318 is no time in 1970). Blanks around it are fine. Returns whether it is one, from 1970
 * to 9999. */
must_check bool timestamp_read(const char *text, size_t length, uint64_t *time);

/* Reads a time as STIX and TAXII write it, exactly (RFC 3339): "2026-03-17T21:04:11.123Z". Writes microseconds
 * since 1970; 0 for a time before 1970; what is finer than a microsecond is cut off. Returns whether it is such a
 * time. NULL is none. */
must_check bool timestamp_read_rfc3339(const char *text, uint64_t *us);

/* "2026-03-18T11:00:00Z". Returns `text`. */
const char *timestamp_text(uint64_t time, char text[TIMESTAMP_ROOM]);
