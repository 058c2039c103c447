/* SPDX-License-Identifier: BSD-3-Clause */
/* What compressions have in common: octets go in, octets come out, until the document has ended as its compression
 * says that it must. Each has a file of its own, which alone knows its library. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "libweir/attributes.h"

struct why;

/* What is to be decoded, and where that goes. Both are moved on by what was used. */
struct decoder_io {
	const uint8_t *in;
	size_t in_left;
	bool last; /* nothing comes behind these octets */
	uint8_t *out;
	size_t out_left;
};

enum { DECODER_MAY_END = 0, DECODER_WITHIN = 1 };

struct decoder;

/* Goes on for a while. Returns DECODER_MAY_END where all that came in so far is a whole document, or
 * DECODER_WITHIN; else -ENOMEM, or -EBADMSG with the reason. */
typedef int decoder_step(struct decoder *decoder, struct decoder_io *io, struct why *why);
typedef void decoder_free(struct decoder *decoder);

/* The first member of each decoder's own struct. */
struct decoder {
	decoder_step *step;
	decoder_free *free;
};

/* A zeroed decoder of `size` octets, or NULL when out of memory. */
must_check struct decoder *decoder_new(size_t size, decoder_step *step, decoder_free *free);

/* Moves on by `length` octets that came in. */
void decoder_skip(struct decoder_io *io, size_t length);

/* Each returns a decoder, to be freed by its `free`, or NULL when out of memory. */
must_check struct decoder *gzip_decoder(void);
must_check struct decoder *xz_decoder(void);
must_check struct decoder *zstd_decoder(void);
must_check struct decoder *zip_decoder(void);
