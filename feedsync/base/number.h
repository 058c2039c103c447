/* SPDX-License-Identifier: BSD-3-Clause */
/* Numbers in arguments. */
#pragma once

#include <stdint.h>

/* A number from 1 on, in decimal digits and nothing else; 0 = it is none, or is too large. Any thread. */
uint64_t number_positive(const char *text);
