/* SPDX-License-Identifier: BSD-3-Clause */
/* A zip archive of one member, besides folders (PKWARE's APPNOTE): its header, its data, deflated or stored, and behind
 * that the directory, which must list this member and no other, and have its checksum. What stands behind the data is
 * small and is gathered until the document's end. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "feedsync/unpack/decoder.h"
#include "feedsync/unpack/deflate.h"
#include "libweir/little_endian.h"
#include "libweir/errors.h"

/* The offsets of the fields that are read, and the lengths of what holds them (APPNOTE 4.3.7, 4.3.12, 4.3.16). */
enum {
	HEADER_FLAGS = 6, /* of a member's header */
	HEADER_METHOD = 8,
	HEADER_PACKED_LENGTH = 18,
	HEADER_NAME_LENGTH = 26,
	HEADER_EXTRA_LENGTH = 28,
	HEADER = 30,    /* without the name and the extra field behind it */
	ENTRY_SUM = 16, /* of an entry of the directory */
	ENTRY_NAME_LENGTH = 28,
	ENTRY_EXTRA_LENGTH = 30,
	ENTRY_COMMENT_LENGTH = 32,
	ENTRY = 46,     /* without name, extra field and comment */
	END_COUNT = 10, /* of the directory's end: entries */
	END = 22,
};

enum {
	FLAG_ENCRYPTED = 1,
	FLAG_LENGTH_LATER = 8, /* length and checksum of the member stand behind its data */
	METHOD_STORED = 0,
	METHOD_DEFLATED = 8,
	SIGNATURE = 4,     /* each of these begins with so many octets */
	MAX_BEHIND = 8192, /* octets behind the data */
};

static const char member_signature[] = "PK\3\4", entry_signature[] = "PK\1\2", end_signature[] = "PK\5\6";

enum part { PART_HEADER, PART_NAME, PART_STORED, PART_DEFLATED, PART_BEHIND, PART_COUNT };

struct zip {
	struct decoder decoder;
	z_stream z;
	enum part part;
	uint8_t header[HEADER];
	size_t used;        /* octets of the header so far */
	uint64_t left;      /* octets of the name and the extra field, or of stored data, to come */
	size_t name_left;   /* those of the name ... */
	uint8_t last_octet; /* ... of which this was the last so far: a folder's name ends in "/" */
	uint32_t sum;       /* CRC-32 of the data */
	uint8_t behind[MAX_BEHIND];
	size_t behind_used;
};

static const char several[] = "a zip archive of more than one member: which one is the list?";

static int read_header(struct zip *z, struct decoder_io *io, struct why *why)
{
	size_t length = HEADER - z->used < io->in_left ? HEADER - z->used : io->in_left;
	memcpy(z->header + z->used, io->in, length);
	z->used += length;
	decoder_skip(io, length);
	if (z->used >= SIGNATURE && memcmp(z->header, member_signature, SIGNATURE) != 0)
		return why_set(why, -EBADMSG, "a zip archive without a member");
	if (z->used < HEADER)
		return DECODER_WITHIN;
	unsigned flags = get_u16(z->header + HEADER_FLAGS), method = get_u16(z->header + HEADER_METHOD);
	if (flags & FLAG_ENCRYPTED)
		return why_set(why, -EBADMSG, "an encrypted zip archive");
	if (method != METHOD_DEFLATED && (method != METHOD_STORED || (flags & FLAG_LENGTH_LATER)))
		return why_set(why, -EBADMSG, "a zip archive packed in a way (%u) that is not known", method);
	z->name_left = get_u16(z->header + HEADER_NAME_LENGTH);
	z->left = (uint64_t)z->name_left + get_u16(z->header + HEADER_EXTRA_LENGTH);
	z->part = PART_NAME;
	return DECODER_WITHIN;
}

/* Behind the name of a folder, which has no data, stands the next header. */
static int skip_name(struct zip *z, struct decoder_io *io, struct why *why)
{
	size_t length = z->left < io->in_left ? (size_t)z->left : io->in_left;
	size_t named = z->name_left < length ? z->name_left : length;
	if (named > 0)
		z->last_octet = io->in[named - 1];
	z->name_left -= named;
	decoder_skip(io, length);
	z->left -= length;
	if (z->left > 0)
		return DECODER_WITHIN;
	uint32_t packed = get_u32(z->header + HEADER_PACKED_LENGTH);
	bool later = get_u16(z->header + HEADER_FLAGS) & FLAG_LENGTH_LATER;
	if (z->last_octet == '/' && (packed > 0 || later))
		return why_set(why, -EBADMSG, "a zip archive with a folder that has data");
	if (z->last_octet == '/') {
		z->part = PART_HEADER;
		z->used = 0;
		return DECODER_WITHIN;
	}
	z->part = get_u16(z->header + HEADER_METHOD) == METHOD_DEFLATED ? PART_DEFLATED : PART_STORED;
	z->left = packed;
	return DECODER_WITHIN;
}

static int copy_stored(struct zip *z, struct decoder_io *io)
{
	size_t length = io->in_left < io->out_left ? io->in_left : io->out_left;
	length = z->left < length ? (size_t)z->left : length;
	memcpy(io->out, io->in, length);
	z->sum = (uint32_t)crc32_z(z->sum, io->out, length);
	decoder_skip(io, length);
	io->out += length;
	io->out_left -= length;
	z->left -= length;
	if (z->left == 0)
		z->part = PART_BEHIND;
	return DECODER_WITHIN;
}

static int inflate_data(struct zip *z, struct decoder_io *io, struct why *why)
{
	const uint8_t *out = io->out;
	int status = deflate_step(&z->z, io, "zip", why);
	z->sum = (uint32_t)crc32_z(z->sum, out, (size_t)(io->out - out));
	if (status < 0)
		return status;
	if (status == Z_STREAM_END)
		z->part = PART_BEHIND;
	return DECODER_WITHIN;
}

static const char cut_off[] = "cut off: the zip archive has no directory, or something behind it";

/* Goes on by an entry of the directory, which ends at `end`. Returns its length; 0 where there is none. */
static size_t entry_length(const uint8_t *entry, const uint8_t *end)
{
	if (end - entry < ENTRY || memcmp(entry, entry_signature, SIGNATURE) != 0)
		return 0;
	size_t length = ENTRY + get_u16(entry + ENTRY_NAME_LENGTH) + get_u16(entry + ENTRY_EXTRA_LENGTH) +
			get_u16(entry + ENTRY_COMMENT_LENGTH);
	return length <= (size_t)(end - entry) ? length : 0;
}

static bool is_folder(const uint8_t *entry)
{
	unsigned length = get_u16(entry + ENTRY_NAME_LENGTH);
	return length > 0 && entry[ENTRY + length - 1] == '/';
}

/* Checks what stands behind the data, at the document's end: a directory of one member, and of folders. */
static int check_behind(const struct zip *z, struct why *why)
{
	if (z->behind_used < END + ENTRY)
		return why_set(why, -EBADMSG, "%s", cut_off);
	const uint8_t *end = z->behind + z->behind_used - END, *member = NULL;
	const uint8_t *entry = memmem(z->behind, z->behind_used - END - ENTRY + SIGNATURE, entry_signature, SIGNATURE);
	if (memcmp(end, end_signature, SIGNATURE) != 0 || !entry)
		return why_set(why, -EBADMSG, "%s", cut_off);
	unsigned count = 0, members = 0;
	for (size_t length; (length = entry_length(entry, end)) > 0; entry += length) {
		count++;
		if (is_folder(entry))
			continue;
		members++;
		member = entry;
	}
	if (entry != end)
		return why_set(why, -EBADMSG, "%s", cut_off);
	if (!member || members != 1 || get_u16(end + END_COUNT) != count)
		return why_set(why, -EBADMSG, "%s", several);
	if (get_u32(member + ENTRY_SUM) != z->sum)
		return why_set(why, -EBADMSG, "damaged zip data: the checksum differs");
	return DECODER_MAY_END;
}

static int gather_behind(struct zip *z, struct decoder_io *io, struct why *why)
{
	if (io->in_left > MAX_BEHIND - z->behind_used)
		return why_set(why, -EBADMSG, "%s, or with too much behind it", several);
	memcpy(z->behind + z->behind_used, io->in, io->in_left);
	z->behind_used += io->in_left;
	decoder_skip(io, io->in_left);
	return io->last ? check_behind(z, why) : DECODER_WITHIN;
}

static int zip_step(struct decoder *decoder, struct decoder_io *io, struct why *why)
{
	struct zip *z = (struct zip *)decoder;
	int status = DECODER_WITHIN;
	/* An empty part is over at once. */
	for (enum part part = PART_COUNT; status == DECODER_WITHIN && part != z->part;) {
		part = z->part;
		switch (part) {
		case PART_HEADER: status = read_header(z, io, why); break;
		case PART_NAME: status = skip_name(z, io, why); break;
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
	struct zip *z = (struct zip *)decoder_new(sizeof *z, zip_step, zip_free);
	if (z && inflateInit2(&z->z, -MAX_WBITS) == Z_OK)
		return &z->decoder;
	free(z);
	return NULL;
}
