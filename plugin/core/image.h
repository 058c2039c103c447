/* SPDX-License-Identifier: BSD-3-Clause */
/* Writes an open table to a file, for handover and spare. */
#pragma once

#include <stdint.h>

#include "libweir/attributes.h"

struct table;

/* Writes octets of the table to the same place in the file: `length` of them, from `from` on. Both are multiples of
 * WEIR_LINE, unless the length reaches to the end. Returns 0 or -errno. */
must_check int image_write(int fd, const struct table *table, uint64_t from, uint64_t length);

/* Sets the file's time of modification to when the table came into force (seconds since 1970). Returns 0 or -errno. */
must_check int image_date(int fd, uint64_t since);
