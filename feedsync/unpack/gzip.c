/* SPDX-License-Identifier: BSD-3-Clause */
/* gzip (RFC 1952). Members may follow each other, as `cat` puts them together; each has a checksum and a length, which
 * zlib compares. */
#include <errno.h>
#include <stdlib.h>

#include "feedsync/unpack/decoder.h"
#include "feedsync/unpack/deflate.h"
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
	if (g->between && *io->in != 0x1f) /* as each member begins */
		return why_set(why, -EBADMSG, "what follows the gzip data is not part of it");
	if (g->between && inflateReset(&g->z) != Z_OK)
		return why_set(why, -EBADMSG, "damaged gzip data");
	int status = deflate_step(&g->z, io, "gzip", why);
	if (status < 0)
		return status;
	g->between = status == Z_STREAM_END;
	return g->between ? DECODER_MAY_END : DECODER_WITHIN;
}

static void gzip_free(struct decoder *decoder)
{
	inflateEnd(&((struct gzip *)decoder)->z);
	free(decoder);
}

struct decoder *gzip_decoder(void)
{
	struct gzip *g = (struct gzip *)decoder_new(sizeof *g, gzip_step, gzip_free);
	if (g && inflateInit2(&g->z, MAX_WBITS + 16) == Z_OK)
		return &g->decoder;
	free(g);
	return NULL;
}
