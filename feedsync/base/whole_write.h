/* SPDX-License-Identifier: BSD-3-Clause */
/* Writing all of it: write(2) may take a part only, or be interrupted. */
#pragma once

#include <stddef.h>

/* Writes `length` octets at the descriptor's position. Returns 0 or -errno, and then a part may be written; -EIO where the
 * file takes nothing and says no reason. */
int whole_write(int fd, const void *octets, size_t length);
