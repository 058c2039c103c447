/* SPDX-License-Identifier: BSD-3-Clause */
/* zstd (RFC 8878). Frames may follow each other; a checksum, where a frame has one, is compared by the library, which
 * refuses frames that want a window of more than 128 MB. */
#include <errno.h>
#include <stdlib.h>
#include <zstd.h>
#include <zstd_errors.h>

#include "feedsync/unpack/decoder.h"
#include "libweir/errors.h"

struct zstd {
	struct decoder decoder;
	ZSTD_DStream *stream;
	bool between; /* frames */
};

static int zstd_step(struct decoder *decoder, struct decoder_io *io, struct why *why)
{
	struct zstd *z = (struct zstd *)decoder;
	if (z->between && io->in_left == 0)
		return DECODER_MAY_END;
	ZSTD_inBuffer in = {io->in, io->in_left, 0};
	ZSTD_outBuffer out = {io->out, io->out_left, 0};
	size_t code = ZSTD_decompressStream(z->stream, &out, &in);
	decoder_skip(io, in.pos);
	io->out += out.pos;
	io->out_left -= out.pos;
	if (ZSTD_getErrorCode(code) == ZSTD_error_memory_allocation)
		return -ENOMEM;
	if (ZSTD_isError(code))
		return why_set(why, -EBADMSG, "damaged zstd data: %s", ZSTD_getErrorName(code));
	z->between = code == 0;
	return z->between ? DECODER_MAY_END : DECODER_WITHIN;
}

static void zstd_free(struct decoder *decoder)
{
	ZSTD_freeDStream(((struct zstd *)decoder)->stream);
	free(decoder);
}

struct decoder *zstd_decoder(void)
{
	struct zstd *z = (struct zstd *)decoder_new(sizeof *z, zstd_step, zstd_free);
	if (z && (z->stream = ZSTD_createDStream()))
		return &z->decoder;
	free(z);
	return NULL;
}
