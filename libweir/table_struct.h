/* SPDX-License-Identifier: BSD-3-Clause */
/* What an opened table is made of. For table.c and table_open.c alone. */
#pragma once

#include "libweir/format.h"
#include "libweir/policy.h"
#include "libweir/symbols.h"

struct table {
	const struct weir_line *lines;
	const uint64_t *filter;
	const uint8_t *names;
	uint64_t key;
	uint32_t homes;
	unsigned skipped; /* labels at the end of a name that are no node by themselves: header_least_labels less 1 */
	struct symbols symbols;
	struct policy policy;
	struct weir_header header;
	uint8_t *memory; /* the whole file, `mapped` octets from mmap */
	size_t mapped;
	uint64_t file_length;
};
