/* SPDX-License-Identifier: BSD-3-Clause */
/* Lists from outside in every syntax but the zones': whatever is in them, only canonical names come out. */
#include <stdio.h>

#include "feedsync/formats/registry.h"
#include "libweir/errors.h"
#include "fuzz.h"
#include "sink.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char *const where[] = {"a.b=1"};
	static const struct {
		const char *format;
		struct parse_options options;
	} runs[] = {
		{"domains", {.scope = SCOPE_EXACT}},
		{"domains", {.below = true, .refang = true, .ports = true}},
		{"domains", {.urls = true, .pages = true, .refang = true}},
		{"hosts", {.scope = SCOPE_EXACT}},
		{"adblock", {.scope = SCOPE_SUBTREE}},
		{"dnsmasq", {.scope = SCOPE_SUBTREE}},
		{"unbound", {.scope = SCOPE_SUBTREE}},
		{"csv", {.field = "host", .where = where, .where_count = 1}},
		{"csv", {.field = "host"}},
		{"json", {.field = "host"}},
		{"json", {.field = "host", .items = "data.list", .where = where, .where_count = 1}},
	};
	for (unsigned i = 0; i < sizeof runs / sizeof *runs && size > 0; i++) {
		struct tally tally = {0};
		struct sink sink = {.take = take_canonical, .tally = &tally};
		struct why why;
		FILE *in = fmemopen((void *)data, size, "r");
		const struct parse parse = {
			.in = in, .document = "fuzz", .options = &runs[i].options, .sink = &sink, .why = &why};
		int status = format_parse_stream(format_find(runs[i].format), &parse);
		(void)status;
		fclose(in);
	}
	return 0;
}
