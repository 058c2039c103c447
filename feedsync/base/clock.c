/* SPDX-License-Identifier: BSD-3-Clause */
#include "feedsync/base/clock.h"

uint64_t clock_ms(void)
{
	struct timespec now;
	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

time_t clock_s(void)
{
	return (time_t)(clock_ms() / 1000);
}
