/* Lists from outside in every line-oriented syntax: whatever is in them, only canonical names of two labels come out.
 */
#include <stdio.h>
#include <stdlib.h>

#include "error.h"
#include "formats/formats.h"
#include "fuzz.h"
#include "name.h"

static int take(void *context, const struct rule *rule)
{
	(void)context;
	struct name_labels labels;
	if (name_split(rule->wire, rule->length, &labels) != 0 || labels.count < 2)
		abort();
	return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char *const names[] = {"domains", "hosts", "adblock", "dnsmasq", "unbound"};
	for (unsigned i = 0; i < sizeof names / sizeof *names && size > 0; i++) {
		struct tally tally = {0};
		struct sink sink = {.take = take, .tally = &tally};
		const struct parse_options options = {.scope = SCOPE_EXACT};
		struct why why;
		FILE *in = fmemopen((void *)data, size, "r");
		int status = format_find(names[i])->parse(in, "fuzz", &options, &sink, &why);
		(void)status;
		fclose(in);
	}
	return 0;
}
