/* SPDX-License-Identifier: BSD-3-Clause */
#include "libweir/format.h"

#include <string.h>

#include "libweir/little_endian.h"
#include "libweir/errors.h"
#include "libweir/hash.h"

enum { SUM_AT = WEIR_HEADER - 8, FIELDS_END = 128 };

void header_encode(uint8_t out[WEIR_HEADER], const struct weir_header *header)
{
	memset(out, 0, WEIR_HEADER);
	memcpy(out, WEIR_MAGIC, 8);
	put_u32(out + 8, header->version);
	put_u32(out + 12, header->flags);
	put_u64(out + 16, header->generation);
	put_u64(out + 24, header->created);
	put_u64(out + 32, header->key);
	put_u64(out + 40, header->rules);
	put_u64(out + 48, header->marks);
	put_u32(out + 56, header->homes);
	put_u32(out + 60, header->lines);
	put_u64(out + 64, header->policy_length);
	put_u64(out + 72, header->symbols_length);
	put_u64(out + 80, header->names_length);
	put_u64(out + 88, header->policy_sum);
	put_u64(out + 96, header->symbols_sum);
	put_u64(out + 104, header->index_sum);
	put_u64(out + 112, header->filter_sum);
	put_u64(out + 120, header->names_sum);
	put_u64(out + SUM_AT, checksum(out, SUM_AT));
}

int header_decode(struct weir_header *header, const uint8_t in[WEIR_HEADER], struct why *why)
{
	if (memcmp(in, WEIR_MAGIC, 8) != 0)
		return why_set(why, WEIR_EFORMAT, "not a table (no magic)");
	header->version = get_u32(in + 8);
	if (header->version < WEIR_VERSION_OLDEST || header->version > WEIR_VERSION)
		return why_set(why, WEIR_EVERSION, "table format version %u, this build reads %d to %d",
			header->version, WEIR_VERSION_OLDEST, WEIR_VERSION);
	if (get_u64(in + SUM_AT) != checksum(in, SUM_AT))
		return why_set(why, WEIR_EFORMAT, "header: checksum mismatch");
	header->flags = get_u32(in + 12);
	if (header->flags & ~(header->version > WEIR_VERSION_USUAL ? WEIR_HAS_SINGLE : 0u))
		return why_set(why, WEIR_EFORMAT, "header: flags 0x%x", header->flags);
	header->generation = get_u64(in + 16);
	header->created = get_u64(in + 24);
	header->key = get_u64(in + 32);
	header->rules = get_u64(in + 40);
	header->marks = get_u64(in + 48);
	header->homes = get_u32(in + 56);
	header->lines = get_u32(in + 60);
	header->policy_length = get_u64(in + 64);
	header->symbols_length = get_u64(in + 72);
	header->names_length = get_u64(in + 80);
	header->policy_sum = get_u64(in + 88);
	header->symbols_sum = get_u64(in + 96);
	header->index_sum = get_u64(in + 104);
	header->filter_sum = get_u64(in + 112);
	header->names_sum = get_u64(in + 120);
	for (int i = FIELDS_END; i < SUM_AT; i++)
		if (in[i] != 0)
			return why_set(why, WEIR_EFORMAT, "header: octet %d is not zero", i);
	return 0;
}

unsigned header_least_labels(const struct weir_header *header)
{
	return header->flags & WEIR_HAS_SINGLE ? 1 : 2;
}

uint64_t header_filter_length(const struct weir_header *header)
{
	return (uint64_t)header->homes * WEIR_FILTER_WORDS * sizeof(uint64_t);
}

uint64_t header_file_length(const struct weir_header *header)
{
	if (header->policy_length > WEIR_MAX_FILE || header->symbols_length > WEIR_MAX_FILE ||
		header->names_length > WEIR_MAX_FILE)
		return 0;
	uint64_t length = WEIR_HEADER + header->policy_length + header->symbols_length +
			  (uint64_t)header->lines * WEIR_LINE + header_filter_length(header) + header->names_length;
	return length > WEIR_MAX_FILE ? 0 : length;
}
