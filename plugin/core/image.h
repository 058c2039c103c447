/* SPDX-License-Identifier: BSD-3-Clause */
/* Writing an open table to a file: what handover and spare have in common. */
#pragma once

#include <stdint.h>

#include "libweir/attributes.h"

struct table;

/* Writes the table's octets from `from` on, a multiple of WEIR_LINE, to the same place in the file: `length` of them,
 * another multiple, or up to the end. Returns 0 or -errno. */
must_check int image_write(int fd, const struct table *table, uint64_t from, uint64_t length);

/* Says when it came into force, seconds since 1970, as the file's time of modification. Returns 0 or -errno. */
must_check int image_date(int fd, uint64_t since);
