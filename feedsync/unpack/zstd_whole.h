/* SPDX-License-Identifier: BSD-3-Clause */
/* zstd frames (RFC 8878) in memory, of which the reader knows beforehand how much comes out: tables that a fleet is given, and
 * deltas between two of them. No frame can make more of it, or take more memory, whatever it says of itself. */
#pragma once

#include <stddef.h>

#include "libweir/attributes.h"

struct why;

/* Decompresses `length` octets into exactly `size`. A frame may refer to `prefix_length` octets of another document as its
 * prefix; NULL and 0: it refers to nothing. Returns 0; -EBADMSG with the reason where the frames are damaged, or hold more or
 * less than that; or -ENOMEM. Any thread. */
must_check int zstd_read_whole(void *to, size_t size, const void *frames, size_t length, const void *prefix,
	size_t prefix_length, struct why *why);
