/* SPDX-License-Identifier: BSD-3-Clause */
#include "feedsync/unpack/deflate.h"

#include <errno.h>

#include "libweir/errors.h"

/* zlib counts in 32 bits. */
static uInt zlib_length(size_t length)
{
	return length < UINT32_MAX ? (uInt)length : UINT32_MAX;
}

int deflate_step(z_stream *stream, struct decoder_io *io, const char *kind, struct why *why)
{
	const uInt in = zlib_length(io->in_left), out = zlib_length(io->out_left);
	stream->next_in = (Bytef *)io->in;
	stream->avail_in = in;
	stream->next_out = io->out;
	stream->avail_out = out;
	int code = inflate(stream, Z_NO_FLUSH);
	decoder_skip(io, in - stream->avail_in);
	io->out += out - stream->avail_out;
	io->out_left -= out - stream->avail_out;
	if (code == Z_MEM_ERROR)
		return -ENOMEM;
	if (code != Z_OK && code != Z_STREAM_END && code != Z_BUF_ERROR)
		return why_set(why, -EBADMSG, "damaged %s data: %s", kind, stream->msg ? stream->msg : "not deflated");
	return code == Z_STREAM_END ? Z_STREAM_END : Z_OK;
}
