/* SPDX-License-Identifier: BSD-3-Clause */
/* Sizes and times in words, rounded: "1.2 MB", "3 min". JSON has plain numbers; duration.h is for exact ones. Any
 * thread. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

enum { UNITS_TEXT = 40 }; /* room for each of the texts */

/* A size in octets, in decimal units (1 MB is 1000000 octets): "412 octets", "1.2 MB", "85 kB". Returns `text`. */
const char *size_text(uint64_t octets, char text[UNITS_TEXT]);

/* A duration in seconds: "90 s", "3 min", "2 h", "5 days", rounded down, in the unit that shows two of it at least.
 * Returns `text`. */
const char *span_text(uint64_t seconds, char text[UNITS_TEXT]);

/* A duration in milliseconds: "12 ms", "1.4 s"; from ten seconds on as span_text. Returns `text`. */
const char *milliseconds_text(uint64_t ms, char text[UNITS_TEXT]);

/* How long before `now` a time was, both in seconds since 1970: "3 min ago"; "never" for 0; "3 days in the future"
 * if it is ahead. Returns `text`. */
const char *ago_text(uint64_t now, uint64_t then, char text[UNITS_TEXT]);

/* Whether a time is further ahead of `now` than a small step of the clock explains (MAX_CLOCK_STEP_S): how old it
 * is nobody knows. */
bool is_ahead(uint64_t now, uint64_t then);
