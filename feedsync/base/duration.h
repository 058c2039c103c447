/* SPDX-License-Identifier: BSD-3-Clause */
/* Lengths of time as people write them, exactly: "90", "30m", "4 hours", "2d". */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "libweir/attributes.h"

enum { DURATION_TEXT = 24 };

/* Reads a duration: decimal digits and a unit behind them, with or without a blank between: s, m, h, d, w, or the
 * word ("min", "hours"). Without a unit they are seconds. Returns whether it is one of at most `most` seconds. Any
 * thread. */
must_check bool duration_read(const char *text, uint32_t most, uint32_t *seconds);

/* Writes seconds in the largest unit that divides them: "90d", "15m", "61s". Returns `text`. */
const char *duration_text(uint32_t seconds, char text[DURATION_TEXT]);
