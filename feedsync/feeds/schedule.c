/* SPDX-License-Identifier: BSD-3-Clause */
#include "feedsync/feeds/schedule.h"

#include "feedsync/base/maxima.h"

uint64_t schedule_wait(uint64_t interval_s, uint64_t failures, uint32_t chance)
{
	uint64_t wait = failures > 0 ? RETRY_S : interval_s;
	for (uint64_t n = 1; n < failures && wait < interval_s; n++)
		wait *= 2;
	if (wait > interval_s)
		wait = interval_s;
	return wait - (wait / 10 * chance >> 32);
}

size_t schedule_share(size_t count, uint64_t since_s)
{
	uint64_t since = since_s < ONE_DAY_S ? since_s : ONE_DAY_S;
	size_t share = (size_t)(count * since / ONE_DAY_S) + 1, most = count / 8 + AGAIN_FREE;
	return share < most ? share : most;
}
