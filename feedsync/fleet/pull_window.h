/* SPDX-License-Identifier: BSD-3-Clause */
/* When a host fetches what a whole fleet is offered at the same moment: within a window, at a time of its own, that follows from
 * its name, its state directory and the serial. So the load is spread, and no host is always the last. Any thread. */
#pragma once

#include <stdint.h>

/* Milliseconds from the offer on, less than the window, which is in seconds. */
uint64_t pull_window_ms(const char *state, uint64_t serial, uint32_t window_s);
