/* SPDX-License-Identifier: BSD-3-Clause */
/* Packing by zstd: a document by itself, or as what changed since another one (a delta). One frame, with the length of what
 * is packed and a checksum of it. The same octets, effort and library give the same frame. */
#pragma once

#include <stddef.h>

#include "libweir/attributes.h"

struct why;

enum pack_effort {
	PACK_AT_ONCE, /* of a delta, 400 MB a second: finds long stretches only, which is enough where little has changed */
	PACK_SOON,  /* of a delta, 50 MB a second */
	PACK_SMALL, /* half of that speed, and less to send */
};

/* Packs `length` octets into the open file `out`, from where it stands. `prefix` is what the reader has already, or NULL. A
 * reader's window must reach over both (ZSTD_d_windowLogMax). Returns 0; or -errno where the file cannot be written, -ENOMEM,
 * -EINVAL for what zstd does not take; with the reason. */
must_check int zstd_pack(int out, const void *data, size_t length, const void *prefix, size_t prefix_length,
	enum pack_effort effort, struct why *why);
