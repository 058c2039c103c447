/* SPDX-License-Identifier: BSD-3-Clause */
/* Numbers in arguments, and in files of our own. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "libweir/attributes.h"

/* Reads a number from 1 on, in decimal digits and nothing else. Returns 0 if the text is not such a number, or if it is
 * too large. Any thread. */
uint64_t number_positive(const char *text);

/* The same from 0 on, of `length` characters. Returns whether it is one. */
must_check bool number_read(const char *text, size_t length, uint64_t *number);
