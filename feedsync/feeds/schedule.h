/* SPDX-License-Identifier: BSD-3-Clause */
/* When `feedsync run` asks for a feed again. A feed that is well waits for its interval. One that failed is asked again
 * after RETRY_S, and after twice as long with each further failure, until that is its interval: a server in trouble is
 * not made worse. Every wait is shortened by chance, by up to a tenth: of many machines that began together not all ask
 * at the same time. */
#pragma once

#include <stddef.h>
#include <stdint.h>

/* Seconds to wait. `failures` in a row; `chance` is any number, evenly distributed. */
uint64_t schedule_wait(uint64_t interval_s, uint64_t failures, uint32_t chance);

/* Of so many things that are each to be looked at again once a day: how many now, so long after the last time. At least
 * one; of a great many no more than an eighth, however long that was. */
size_t schedule_share(size_t count, uint64_t since_s);
