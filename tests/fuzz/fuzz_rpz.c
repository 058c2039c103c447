/* SPDX-License-Identifier: BSD-3-Clause */
/* Response policy zones: what the reader of zone files makes of any octets, and the format of that. */
#include <stdio.h>

#include "feedsync/formats/registry.h"
#include "libweir/errors.h"
#include "fuzz.h"
#include "sink.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct parse_counts counts = {0};
	struct sink sink = {.take = take_canonical, .counts = &counts};
	const struct parse_options options = {.below = true};
	struct why why;
	FILE *in = size > 0 ? fmemopen((void *)data, size, "r") : fopen("/dev/null", "r");
	const struct parse parse = {.in = in, .document = "fuzz", .options = &options, .sink = &sink, .why = &why};
	int status = format_rpz.parse_document(&parse);
	if (status == 0 && size == 0)
		abort(); /* no SOA record */
	fclose(in);
	return 0;
}
