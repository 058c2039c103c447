/* SPDX-License-Identifier: BSD-3-Clause */
/* Idea. The stream is a cookie (fopencookie) over the document as it is, or over a decoder that is fed with it.
 *
 * Invariant: the end of the stream is reported only where the document has ended and its decoder says that it may.
 */
#include "feedsync/unpack/unpack.h"

#include <errno.h>
#include <stdint.h>
#include <stdio_ext.h>
#include <stdlib.h>
#include <string.h>

#include "feedsync/base/maxima.h"
#include "feedsync/unpack/content.h"
#include "feedsync/unpack/decoder.h"
#include "libweir/errors.h"

enum { MAGIC = 6 };

typedef struct decoder *(*decoder_maker)(void);

struct unpacker {
	FILE *in;
	struct why *damage;
	bool begun, ended;
	int status;              /* the -errno that ended the stream */
	struct decoder *decoder; /* NULL: it is not compressed */
	struct decoder_io io;    /* the part of the buffer that is still to be read */
	uint64_t taken, given;   /* octets of the document, and of the stream */
	uint8_t buffer[1 << 16];
};

/* The maker of a decoder for a document with this head; NULL if the document is not compressed. */
static decoder_maker decoder_of(const uint8_t *head, size_t length)
{
	static const struct {
		decoder_maker make;
		const char *magic;
		size_t length;
	} known[] = {
		{gzip_decoder, "\x1f\x8b", 2},
		{xz_decoder,
			"\xfd"
			"7zXZ\0",
			6},
		{zstd_decoder, "\x28\xb5\x2f\xfd", 4}, {zip_decoder, "PK\3\4", 4},
		{zip_decoder, "PK\5\6", 4}, /* without members */
	};
	for (unsigned i = 0; i < sizeof known / sizeof *known; i++)
		if (length >= known[i].length && memcmp(head, known[i].magic, known[i].length) == 0)
			return known[i].make;
	return NULL;
}

bool unpack_tells_end(const char *path)
{
	uint8_t head[MAGIC];
	FILE *in = fopen(path, "re");
	size_t length = in ? fread(head, 1, sizeof head, in) : 0;
	if (in)
		fclose(in);
	return decoder_of(head, length) != NULL;
}

/* Reads more of the document when the buffer is used up. Returns 0 or -errno. */
static int read_input(struct unpacker *i)
{
	if (i->io.in_left > 0 || i->io.last)
		return 0;
	errno = 0;
	i->io.in = i->buffer;
	i->io.in_left = fread(i->buffer, 1, sizeof i->buffer, i->in);
	i->io.last = i->io.in_left < sizeof i->buffer;
	i->taken += i->io.in_left;
	return ferror(i->in) ? -(errno ? errno : EIO) : 0;
}

static int begin_decoding(struct unpacker *i)
{
	int status = read_input(i);
	decoder_maker make = status == 0 ? decoder_of(i->io.in, i->io.in_left) : NULL;
	if (make)
		i->decoder = make();
	return make && !i->decoder ? -ENOMEM : status;
}

/* Returns how many octets were copied, 0 at the end, or -errno. */
static ssize_t copy_input(struct unpacker *i, uint8_t *buffer, size_t size)
{
	int status = read_input(i);
	size_t length = size < i->io.in_left ? size : i->io.in_left;
	memcpy(buffer, i->io.in, length);
	i->io.in += length;
	i->io.in_left -= length;
	return status < 0 ? status : (ssize_t)length;
}

/* The same from the decoder. As many octets come at first as tell what the text is. */
static ssize_t decode_input(struct unpacker *i, uint8_t *buffer, size_t size)
{
	size_t wanted = i->given > 0 ? 1 : size < CONTENT_HEAD ? size : CONTENT_HEAD;
	i->io.out = buffer;
	i->io.out_left = size;
	while (size - i->io.out_left < wanted) {
		int status = read_input(i);
		size_t before = i->io.in_left, room = i->io.out_left;
		if (status == 0)
			status = i->decoder->step(i->decoder, &i->io, i->damage);
		if (status < 0)
			return status;
		bool moved = i->io.out_left < room || i->io.in_left < before;
		if (moved || (i->io.in_left == 0 && !i->io.last))
			continue;
		if (status == DECODER_MAY_END && i->io.in_left == 0)
			break;
		return why_set(i->damage, -EBADMSG, "cut off: the compressed data does not end");
	}
	return (ssize_t)(size - i->io.out_left);
}

/* Refuses a document if what has come out is in no proportion to what went in, or is too much. */
static int check_growth(struct unpacker *i)
{
	if (i->given > MAX_INFLATED)
		return why_set(
			i->damage, -EBADMSG, "inflates to more than %llu octets", (unsigned long long)MAX_INFLATED);
	if (i->given > MAX_RATIO_FREE && i->given / MAX_RATIO > i->taken)
		return why_set(i->damage, -EBADMSG, "inflates to more than %u times its size", MAX_RATIO);
	return 0;
}

/* Once the stream has ended, in whatever way, it stays so. */
static ssize_t read_stream(void *cookie, char *buffer, size_t size)
{
	struct unpacker *i = cookie;
	ssize_t length = 0;
	if (!i->begun)
		i->status = begin_decoding(i);
	i->begun = true;
	if (i->status == 0 && !i->ended) {
		length = i->decoder ? decode_input(i, (uint8_t *)buffer, size) : copy_input(i, (uint8_t *)buffer, size);
		bool first = i->given == 0;
		i->given += length > 0 ? (uint64_t)length : 0;
		i->ended = length == 0;
		i->status = length < 0 ? (int)length : i->decoder ? check_growth(i) : 0;
		if (i->status == 0 && first)
			i->status = content_check((uint8_t *)buffer, (size_t)length, i->damage);
	}
	if (i->status == 0)
		return length;
	errno = -i->status;
	return -1;
}

static int close_stream(void *cookie)
{
	struct unpacker *i = cookie;
	if (i->decoder)
		i->decoder->free(i->decoder);
	free(i);
	return 0;
}

FILE *unpack_open(FILE *in, struct why *damage)
{
	struct unpacker *i = calloc(1, sizeof *i);
	if (!i)
		return NULL;
	i->in = in;
	i->damage = damage;
	damage->text[0] = '\0';
	FILE *stream = fopencookie(i, "r", (cookie_io_functions_t){.read = read_stream, .close = close_stream});
	if (stream)
		__fsetlocking(stream, FSETLOCKING_BYCALLER); /* it has one reader, which often asks for one octet */
	else
		free(i);
	return stream;
}
