/* SPDX-License-Identifier: BSD-3-Clause */
/* Writes so many octets to a place in a file. Returns 0 or -errno, and then a part may be written; -EIO where the file takes
 * nothing and says no reason. Any thread. */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "libweir/attributes.h"

must_check int write_range(int fd, uint64_t to, const void *octets, size_t length);
