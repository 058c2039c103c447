/* SPDX-License-Identifier: BSD-3-Clause */
/* Deflated data, which both gzip and zip hold, by zlib. */
#pragma once

#include <zlib.h>

#include "feedsync/unpack/decoder.h"
#include "libweir/attributes.h"

struct why;

/* Goes on inflating, and moves `io` on by what was used. Returns Z_STREAM_END, or Z_OK where there is more to
 * come; else -ENOMEM, or -EBADMSG with the reason, which calls the data `kind`. */
must_check int deflate_step(z_stream *stream, struct decoder_io *io, const char *kind, struct why *why);
