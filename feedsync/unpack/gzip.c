/* SPDX-License-Identifier: BSD-3-Clause */
/* gzip (RFC 1952). Members may follow each other, as `cat` puts them together; each has a checksum and a length, which
 * zlib compares. */
#include <errno.h>
#include <stdlib.h>
#include <zlib.h>

#include "feedsync/unpack/decoder.h"
#include "libweir/errors.h"

struct gzip {
	struct decoder decoder;
	z_stream z;
	bool between; /* members */
};

static int gzip_step(struct decoder *decoder, struct decoder_io *io, struct why *why)
{
	struct gzip *g = (struct gzip *)decoder;
	if (g->between && io->in_left == 0)
		return DECODER_MAY_END;
	if (g->between && inflateReset(&g->z) != Z_OK)
		return why_set(why, -EBADMSG, "damaged gzip data");
	const uInt in = io->in_left < UINT32_MAX ? (uInt)io->in_left : UINT32_MAX;
	const uInt out = io->out_left < UINT32_MAX ? (uInt)io->out_left : UINT32_MAX;
	g->z.next_in = (Bytef *)io->in;
	g->z.avail_in = in;
	g->z.next_out = io->out;
	g->z.avail_out = out;
	int code = inflate(&g->z, Z_NO_FLUSH);
	io->in += in - g->z.avail_in;
	io->in_left -= in - g->z.avail_in;
	io->out += out - g->z.avail_out;
	io->out_left -= out - g->z.avail_out;
	if (code == Z_MEM_ERROR)
		return -ENOMEM;
	if (code != Z_OK && code != Z_STREAM_END && code != Z_BUF_ERROR)
		return why_set(why, -EBADMSG, "damaged gzip data: %s", g->z.msg ? g->z.msg : "no gzip data");
	g->between = code == Z_STREAM_END;
	return g->between ? DECODER_MAY_END : DECODER_WITHIN;
}

static void gzip_free(struct decoder *decoder)
{
	inflateEnd(&((struct gzip *)decoder)->z);
	free(decoder);
}

struct decoder *gzip_decoder(void)
{
	struct gzip *g = calloc(1, sizeof *g);
	if (!g)
		return NULL;
	g->decoder = (struct decoder){gzip_step, gzip_free};
	if (inflateInit2(&g->z, MAX_WBITS + 16) == Z_OK)
		return &g->decoder;
	free(g);
	return NULL;
}
