/* SPDX-License-Identifier: BSD-3-Clause */
/* What is read by clients: rules that enough of them hit; and how many there were on a day for whom something was blocked or
 * logged, as long as the store has their sets: until the day after. */
#pragma once

#include <stdint.h>

#include "libweir/attributes.h"
#include "libweir/policy.h"

struct trends;
struct why;

/* Rules that at least `low` clients hit on one of the days from `first` to `last`, with the last of these days. Returns as the
 * functions of trends_store.h that read. */
must_check int trends_names_hit(struct trends *trends, uint64_t first, uint64_t last, double low,
	void (*visit)(void *context, const char *name, enum scope scope, uint64_t last_day), void *context,
	struct why *why);

/* The first day of which rules are known; 0: there is none. */
must_check int trends_first_day(struct trends *trends, uint64_t *first, struct why *why);

/* At least `low`, at most `high`; both 0 where it is not known. Returns 0, or a negative code with the reason. */
must_check int trends_clients(struct trends *trends, uint64_t day, double *low, double *high, struct why *why);
