/* SPDX-License-Identifier: BSD-3-Clause */
/* How many clients there were on a day for whom something was blocked or logged, as long as the store has their sets:
 * until the day after. */
#pragma once

#include <stdint.h>

#include "libweir/attributes.h"

struct trends;
struct why;

/* At least `low`, at most `high`; both 0 where it is not known. Returns 0, or a negative code with the reason. */
must_check int trends_clients(struct trends *trends, uint64_t day, double *low, double *high, struct why *why);
