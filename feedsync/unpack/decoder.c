/* SPDX-License-Identifier: BSD-3-Clause */
#include "feedsync/unpack/decoder.h"

#include <stdlib.h>

struct decoder *decoder_new(size_t size, decoder_step *step, decoder_free *free)
{
	struct decoder *decoder = calloc(1, size);
	if (decoder)
		*decoder = (struct decoder){step, free};
	return decoder;
}

void decoder_skip(struct decoder_io *io, size_t length)
{
	io->in += length;
	io->in_left -= length;
}
