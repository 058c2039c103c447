/* SPDX-License-Identifier: BSD-3-Clause */
/* A clock that nobody sets. */
#pragma once

#include <stdint.h>
#include <time.h>

uint64_t clock_ms(void);

/* The same in seconds. */
time_t clock_s(void);
