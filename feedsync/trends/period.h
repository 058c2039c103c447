/* SPDX-License-Identifier: BSD-3-Clause */
/* A day or an ISO week (ISO 8601), in UTC. Days count from 1970. Any thread. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "libweir/attributes.h"

struct period {
	uint64_t first, last; /* days; both belong to it */
};

enum { PERIOD_TEXT = 16 };

/* Reads "2026-11-28" or "2026-W48". Returns whether it is one of 1970 to 9999. */
must_check bool period_read(const char *text, struct period *period);

/* The ISO week that a day belongs to, and the period of the same length before. */
struct period period_of_week(uint64_t day);
struct period period_before(struct period period);

static inline bool period_is_week(struct period period)
{
	return period.last != period.first;
}

/* Writes it as period_read reads it. Returns `text`. */
const char *period_text(struct period period, char text[PERIOD_TEXT]);
