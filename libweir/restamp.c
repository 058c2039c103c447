/* SPDX-License-Identifier: BSD-3-Clause */
#include "libweir/restamp.h"

#include "libweir/build/output.h"
#include "libweir/errors.h"
#include "libweir/format.h"
#include "libweir/read_range.h"
#include "libweir/table.h"

/* Copies what is behind the header of a file of `length` octets. */
static int copy_body(int from, uint64_t length, struct output *to, struct why *why)
{
	uint8_t part[65536];
	int status = 0;
	for (uint64_t at = WEIR_HEADER; status == 0 && at < length;) {
		size_t octets = length - at < sizeof part ? (size_t)(length - at) : sizeof part;
		status = read_range(from, at, part, octets, why);
		if (status == 0)
			output_write(to, part, octets);
		at += octets;
	}
	return status;
}

int table_restamp(int from, int to, uint64_t generation, uint64_t created, struct why *why)
{
	struct table *table;
	int status = table_open_fd(&table, from, why);
	if (status != 0)
		return status;
	struct weir_header header = *table_header(table);
	table_close(&table);
	header.generation = generation ? generation : header.generation;
	header.created = created ? created : header.created;
	uint8_t raw[WEIR_HEADER];
	header_encode(raw, &header);
	struct output *to_body = output_new(to, WEIR_HEADER);
	uint64_t length, sum;
	if (to_body)
		status = copy_body(from, header_file_length(&header), to_body, why);
	int written = output_end(to_body, &length, &sum);
	if (status == 0 && written == 0)
		written = output_part(to, 0, raw, sizeof raw, &sum);
	return status == 0 && written != 0 ? why_set(why, written, "cannot write: %s", error_text(written)) : status;
}
