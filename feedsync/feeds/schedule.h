/* SPDX-License-Identifier: BSD-3-Clause */
/* When `feedsync run` asks for a feed again. A feed that is well is asked after its interval. A feed that failed is
 * asked again after RETRY_S, and after twice as long with each further failure, up to its interval: a server in
 * trouble is not made worse. Chance shortens every wait by up to a tenth, so that many machines that began together
 * do not all ask at the same time. */
#pragma once

#include <stddef.h>
#include <stdint.h>

/* Seconds to wait. `failures` in a row; `chance` is any number, evenly distributed. */
uint64_t schedule_wait(uint64_t interval_s, uint64_t failures, uint32_t chance);

/* How many of `count` things to look at now, where each is to be looked at once a day and the last look was `since_s`
 * seconds ago: at least one, and of a great many no more than an eighth. */
size_t schedule_share(size_t count, uint64_t since_s);
