/* SPDX-License-Identifier: BSD-3-Clause */
/* Documents from outside in every format that there is: whatever is in them, only canonical names come out. */
#include <stdio.h>

#include "feedsync/formats/registry.h"
#include "libweir/errors.h"
#include "fuzz.h"
#include "sink.h"

static const char *const where[] = {"a.b=1"}, *const ordered[] = {"1!=x", "3>=5", "seen<2026-01-01"};
/* The first is for every format, the others for formats with values. */
static const struct parse_options variants[] = {
	{.field = "host"},
	{.field = "host", .below = true, .refang = true, .ports = true},
	{.field = "host", .urls = true, .pages = true, .refang = true},
	{.field = "host", .items = "data.list", .where = where, .where_count = 1, .seen = "seen", .max_age_s = 86400},
	{.field = "2", .separator = ';', .seen = "1", .max_age_s = 86400},
	{.field = "1", .where = ordered, .where_count = 2},
	{.field = "@key", .where = ordered, .where_count = 3},
	{.field = "a.host", .items = "*.list"},
};

static void parse_as(const struct format *format, const struct parse_options *variant, const uint8_t *data, size_t size)
{
	struct parse_counts counts = {0};
	struct sink sink = {.take = take_canonical, .counts = &counts};
	struct why why;
	struct parse_options options = *variant;
	options.scope = format->scope;
	FILE *in = fmemopen((void *)data, size, "r");
	const struct parse parse = {.in = in, .document = "fuzz", .options = &options, .sink = &sink, .why = &why};
	int status = format_parse_stream(format, &parse);
	(void)status;
	fclose(in);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct format *format;
	for (unsigned i = 0; size > 0 && (format = format_at(i)); i++)
		for (unsigned v = 0; v < sizeof variants / sizeof *variants; v++)
			if (format->layout == LAYOUT_DOCUMENT && (v == 0 || format->has_values))
				parse_as(format, &variants[v], data, size);
	return 0;
}
