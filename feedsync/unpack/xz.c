/* SPDX-License-Identifier: BSD-3-Clause */
/* xz, by liblzma, which compares its checksums. Streams may follow each other. */
#include <errno.h>
#include <lzma.h>
#include <stdlib.h>

#include "feedsync/base/maxima.h"
#include "feedsync/unpack/decoder.h"
#include "libweir/errors.h"

struct xz {
	struct decoder decoder;
	lzma_stream lzma;
	bool ended;
};

static const char *lzma_text(lzma_ret code)
{
	switch (code) {
	case LZMA_FORMAT_ERROR: return "no xz data";
	case LZMA_OPTIONS_ERROR: return "options that are not known";
	case LZMA_DATA_ERROR: return "damaged";
	default: return "cannot be decoded";
	}
}

static int xz_step(struct decoder *decoder, struct decoder_io *io, struct why *why)
{
	struct xz *x = (struct xz *)decoder;
	if (x->ended)
		return DECODER_MAY_END;
	x->lzma.next_in = io->in;
	x->lzma.avail_in = io->in_left;
	x->lzma.next_out = io->out;
	x->lzma.avail_out = io->out_left;
	lzma_ret code = lzma_code(&x->lzma, io->last ? LZMA_FINISH : LZMA_RUN);
	io->in = x->lzma.next_in;
	io->in_left = x->lzma.avail_in;
	io->out = x->lzma.next_out;
	io->out_left = x->lzma.avail_out;
	if (code == LZMA_MEM_ERROR)
		return -ENOMEM;
	if (code == LZMA_MEMLIMIT_ERROR)
		return why_set(why, -EBADMSG, "xz data that takes more than %u MB of memory", MAX_XZ_MEMORY >> 20);
	if (code != LZMA_OK && code != LZMA_STREAM_END && code != LZMA_BUF_ERROR)
		return why_set(why, -EBADMSG, "damaged xz data: %s", lzma_text(code));
	x->ended = code == LZMA_STREAM_END;
	return x->ended ? DECODER_MAY_END : DECODER_WITHIN;
}

static void xz_free(struct decoder *decoder)
{
	lzma_end(&((struct xz *)decoder)->lzma);
	free(decoder);
}

struct decoder *xz_decoder(void)
{
	struct xz *x = (struct xz *)decoder_new(sizeof *x, xz_step, xz_free);
	if (x && lzma_stream_decoder(&x->lzma, MAX_XZ_MEMORY, LZMA_CONCATENATED) == LZMA_OK)
		return &x->decoder;
	free(x);
	return NULL;
}
