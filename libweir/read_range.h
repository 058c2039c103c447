/* SPDX-License-Identifier: BSD-3-Clause */
/* Reads so many octets of a file from a place on. Returns 0; -errno, or WEIR_EFORMAT where the file ends before, with the
 * reason. Any thread. */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "libweir/attributes.h"

struct why;
must_check int read_range(int fd, uint64_t from, void *to, size_t length, struct why *why);
