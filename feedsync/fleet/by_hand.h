/* SPDX-License-Identifier: BSD-3-Clause */
/* Whether somebody waits for a table. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

/* Whether a generation was published by the operator's hand: allowed or blocked by command, or rolled back. The history
 * tells; where it cannot, nobody waits. */
bool is_published_by_hand(const char *state, uint64_t generation);
