/* SPDX-License-Identifier: BSD-3-Clause */
/* A zip archive of one member (PKWARE's APPNOTE): its header, its data, deflated or stored, and behind that the
 * directory, which must list this member and no other, and have its checksum. What stands behind the data is small and
 * is gathered until the document's end. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#include "feedsync/unpack/decoder.h"
#include "libweir/bytes.h"
#include "libweir/errors.h"

enum {
	HEADER = 30,           /* octets of a member's header, without the name and what comes after it */
	ENTRY = 46,            /* octets of an entry of the directory, likewise */
	END = 22,              /* octets of the directory's end */
	MAX_BEHIND = 8192,     /* octets behind the data */
	FLAG_ENCRYPTED = 1,    /* the member is */
	FLAG_LENGTH_LATER = 8, /* its length and checksum stand behind the data */
};

enum part { PART_HEADER, PART_NAME, PART_STORED, PART_DEFLATED, PART_BEHIND, PART_COUNT };

struct zip {
	struct decoder decoder;
	z_stream z;
	enum part part;
	uint8_t header[HEADER];
	size_t used;   /* octets of the header so far */
	uint64_t left; /* octets of the name, or of stored data, to come */
	uint32_t sum;  /* CRC-32 of the data */
	uint8_t behind[MAX_BEHIND];
	size_t behind_used;
};

static const char several[] = "a zip archive of more than one member";

static void skip_in(struct decoder_io *io, size_t length)
{
	io->in += length;
	io->in_left -= length;
}

static int read_header(struct zip *z, struct decoder_io *io, struct why *why)
{
	size_t length = HEADER - z->used < io->in_left ? HEADER - z->used : io->in_left;
	memcpy(z->header + z->used, io->in, length);
	z->used += length;
	skip_in(io, length);
	if (z->used >= 4 && memcmp(z->header, "PK\5\6", 4) == 0)
		return why_set(why, -EBADMSG, "a zip archive without a member");
	if (z->used < HEADER)
		return DECODER_WITHIN;
	unsigned flags = get_u16(z->header + 6), method = get_u16(z->header + 8);
	if (flags & FLAG_ENCRYPTED)
		return why_set(why, -EBADMSG, "an encrypted zip archive");
	if (method != 8 && (method != 0 || (flags & FLAG_LENGTH_LATER)))
		return why_set(why, -EBADMSG, "a zip archive packed in a way (%u) that is not known", method);
	z->left = (uint64_t)get_u16(z->header + 26) + get_u16(z->header + 28);
	z->part = PART_NAME;
	return DECODER_WITHIN;
}

static int skip_name(struct zip *z, struct decoder_io *io)
{
	size_t length = z->left < io->in_left ? (size_t)z->left : io->in_left;
	skip_in(io, length);
	z->left -= length;
	if (z->left > 0)
		return DECODER_WITHIN;
	z->part = get_u16(z->header + 8) == 8 ? PART_DEFLATED : PART_STORED;
	z->left = get_u32(z->header + 18);
	return DECODER_WITHIN;
}

static int copy_stored(struct zip *z, struct decoder_io *io)
{
	size_t length = io->in_left < io->out_left ? io->in_left : io->out_left;
	length = z->left < length ? (size_t)z->left : length;
	memcpy(io->out, io->in, length);
	z->sum = (uint32_t)crc32_z(z->sum, io->out, length);
	skip_in(io, length);
	io->out += length;
	io->out_left -= length;
	z->left -= length;
	if (z->left == 0)
		z->part = PART_BEHIND;
	return DECODER_WITHIN;
}

static int inflate_data(struct zip *z, struct decoder_io *io, struct why *why)
{
	const uInt in = io->in_left < UINT32_MAX ? (uInt)io->in_left : UINT32_MAX;
	const uInt out = io->out_left < UINT32_MAX ? (uInt)io->out_left : UINT32_MAX;
	z->z.next_in = (Bytef *)io->in;
	z->z.avail_in = in;
	z->z.next_out = io->out;
	z->z.avail_out = out;
	int code = inflate(&z->z, Z_NO_FLUSH);
	z->sum = (uint32_t)crc32_z(z->sum, io->out, out - z->z.avail_out);
	skip_in(io, in - z->z.avail_in);
	io->out += out - z->z.avail_out;
	io->out_left -= out - z->z.avail_out;
	if (code == Z_MEM_ERROR)
		return -ENOMEM;
	if (code != Z_OK && code != Z_STREAM_END && code != Z_BUF_ERROR)
		return why_set(why, -EBADMSG, "damaged zip data: %s", z->z.msg ? z->z.msg : "no such data");
	if (code == Z_STREAM_END)
		z->part = PART_BEHIND;
	return DECODER_WITHIN;
}

/* At the document's end: what stands behind the data. */
static int check_behind(const struct zip *z, struct why *why)
{
	static const char cut_off[] = "cut off: the zip archive has no directory, or something behind it";
	if (z->behind_used < END + ENTRY)
		return why_set(why, -EBADMSG, "%s", cut_off);
	const uint8_t *end = z->behind + z->behind_used - END;
	const uint8_t *entry = memmem(z->behind, z->behind_used - END - ENTRY + 4, "PK\1\2", 4);
	if (memcmp(end, "PK\5\6", 4) != 0 || !entry)
		return why_set(why, -EBADMSG, "%s", cut_off);
	if (get_u16(end + 10) != 1)
		return why_set(why, -EBADMSG, "%s", several);
	if (get_u32(entry + 16) != z->sum)
		return why_set(why, -EBADMSG, "damaged zip data: the checksum differs");
	return DECODER_MAY_END;
}

static int gather_behind(struct zip *z, struct decoder_io *io, struct why *why)
{
	if (io->in_left > MAX_BEHIND - z->behind_used)
		return why_set(why, -EBADMSG, "%s, or with too much behind it", several);
	memcpy(z->behind + z->behind_used, io->in, io->in_left);
	z->behind_used += io->in_left;
	skip_in(io, io->in_left);
	if (z->behind_used >= 4 && memcmp(z->behind, "PK\3\4", 4) == 0)
		return why_set(why, -EBADMSG, "%s", several);
	return io->last ? check_behind(z, why) : DECODER_WITHIN;
}

static int zip_step(struct decoder *decoder, struct decoder_io *io, struct why *why)
{
	struct zip *z = (struct zip *)decoder;
	int status = DECODER_WITHIN;
	/* A part may be empty: then it is over at once. */
	for (enum part part = PART_COUNT; status == DECODER_WITHIN && part != z->part;) {
		part = z->part;
		switch (part) {
		case PART_HEADER: status = read_header(z, io, why); break;
		case PART_NAME: status = skip_name(z, io); break;
		case PART_STORED: status = copy_stored(z, io); break;
		case PART_DEFLATED: status = inflate_data(z, io, why); break;
		case PART_BEHIND: status = gather_behind(z, io, why); break;
		case PART_COUNT: break;
		}
	}
	return status;
}

static void zip_free(struct decoder *decoder)
{
	inflateEnd(&((struct zip *)decoder)->z);
	free(decoder);
}

struct decoder *zip_decoder(void)
{
	struct zip *z = calloc(1, sizeof *z);
	if (!z)
		return NULL;
	z->decoder = (struct decoder){zip_step, zip_free};
	if (inflateInit2(&z->z, -MAX_WBITS) == Z_OK)
		return &z->decoder;
	free(z);
	return NULL;
}
