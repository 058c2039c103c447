/* SPDX-License-Identifier: BSD-3-Clause */
/* An open table as the file that it was read from: undoes what table_open.c does to the index and the filter. */
#include "libweir/table.h"

#include <string.h>

#include "libweir/little_endian.h"
#include "libweir/table_struct.h"

/* In the file an index line holds the number of octets of its names. In memory it holds where the names begin. */
static void image_line(const struct weir_line *line, uint8_t to[WEIR_LINE])
{
	put_u32(to, line[1].names - line->names);
	put_u16(to + 4, line->reach);
	for (unsigned i = 0; i < WEIR_LINE_TAGS; i++)
		put_u16(to + 6 + 2 * i, line->tag[i]);
}

static size_t least(uint64_t a, size_t b)
{
	return a < b ? (size_t)a : b;
}

/* Copies from `from` to the end of that part, at most `length` octets. Returns how many octets it copied. */
static size_t image_part(const struct table *t, uint64_t from, uint8_t *to, size_t length)
{
	uint64_t index = (uint64_t)((const uint8_t *)t->lines - t->memory);
	uint64_t filter = index + (uint64_t)t->header.lines * WEIR_LINE;
	uint64_t names = filter + header_filter_length(&t->header);
	size_t part = length;
	if (from < index) {
		part = least(index - from, length);
		memcpy(to, t->memory + from, part);
	} else if (from < filter) {
		part = least(filter - from, length);
		for (size_t i = 0; i < part; i += WEIR_LINE)
			image_line(&t->lines[(from - index + i) / WEIR_LINE], to + i);
	} else if (from < names) {
		part = least(names - from, length);
		for (size_t i = 0; i < part; i += sizeof(uint64_t))
			put_u64(to + i, t->filter[(from - filter + i) / sizeof(uint64_t)]);
	} else {
		memcpy(to, t->names + (from - names), part);
	}
	return part;
}

void table_image(const struct table *table, uint64_t from, uint8_t *to, size_t length)
{
	for (size_t done = 0; done < length;)
		done += image_part(table, from + done, to + done, length - done);
}
