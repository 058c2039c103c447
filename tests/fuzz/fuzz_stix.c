/* SPDX-License-Identifier: BSD-3-Clause */
/* STIX: the input as a pattern, and as a bundle. */
#include <stdlib.h>
#include <string.h>

#include "feedsync/formats/registry.h"
#include "libweir/errors.h"
#include "fuzz.h"
#include "feedsync/base/json.h"
#include "feedsync/formats/stix/stix_indicators.h"
#include "feedsync/formats/stix/stix_pattern.h"
#include "libweir/name.h"

static int take(void *context, const struct rule *rule)
{
	(void)context;
	struct name_labels labels;
	if (name_split(rule->wire, rule->length, &labels) != 0 || labels.count < 2)
		abort();
	return 0;
}

static void read_pattern(const char *text, size_t size)
{
	struct pattern pattern;
	char value[256];
	int status = pattern_parse(&pattern, text, size);
	for (size_t i = 0; status == 0 && i < pattern.count; i++) {
		const struct pattern_item *item = &pattern.items[i];
		if (item->text < text || item->length > (size_t)(text + size - item->text))
			abort();
		bool value_told = item->kind <= PATTERN_URL;
		if (value_told && pattern_value(item, value, sizeof value) > item->length)
			abort();
	}
	pattern_end(&pattern);
}

static void read_bundle(const char *text, size_t size)
{
	struct why why;
	struct node *node = json_parse(text, size, &why);
	const struct node *objects = stix_objects(node);
	struct latest *latest = latest_new();
	struct parse_counts counts = {0};
	struct sink sink = {.take = take, .counts = &counts};
	const struct parse_options options = {.scope = SCOPE_SUBTREE};
	struct stix_markings markings = {0};
	const struct parse parse = {.document = "fuzz", .options = &options, .sink = &sink, .state = &markings};
	if (stix_note(objects, latest, &markings) != 0)
		abort();
	latest_settle(latest);
	if (stix_rules(objects, latest, &parse) != 0)
		abort();
	latest_free(&latest);
	stix_markings_free(&markings);
	node_free(node);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	read_pattern((const char *)data, size);
	read_bundle((const char *)data, size);
	return 0;
}
