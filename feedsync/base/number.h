/* SPDX-License-Identifier: BSD-3-Clause */
/* Numbers in arguments. */
#pragma once

#include <stdint.h>

/* Reads a number from 1 on, in decimal digits and nothing else. Returns 0 if the text is not such a number, or if it is
 * too large. Any thread. */
uint64_t number_positive(const char *text);
