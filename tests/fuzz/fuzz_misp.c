/* SPDX-License-Identifier: BSD-3-Clause */
/* MISP events, manifests, and answers of restSearch. */
#include <stdlib.h>
#include <string.h>

#include "feedsync/formats/registry.h"
#include "libweir/errors.h"
#include "fuzz.h"
#include "feedsync/base/json.h"
#include "feedsync/formats/misp/misp_events.h"
#include "feedsync/formats/misp/misp_map.h"
#include "feedsync/base/uuid.h"
#include "sink.h"

/* Whoever is told of an entry may look at what MISP says of it. */
static void refuse(void *context, enum reject reject, const char *text, size_t length)
{
	(void)context;
	(void)reject;
	(void)memchr(text, 0, length);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct why why;
	struct node *node = json_parse((const char *)data, size, &why);
	const struct node *event = misp_event(node);
	if (event) {
		struct parse_counts counts = {0};
		struct sink sink = {.take = take_canonical, .refuse = refuse, .counts = &counts};
		static const struct misp_map map[] = {{.tag = "tlp:*", .category = 1},
			{.tag = "c2", .misp_category = "Network activity", .threat_level = 1, .category = 2}};
		const struct parse_options options = {
			.scope = SCOPE_SUBTREE, .map = map, .map_count = 2, .max_age_s = 86400};
		const struct parse parse = {.document = "fuzz", .options = &options, .sink = &sink};
		if (misp_event_rules(event, &parse) != 0)
			abort();
	}
	const struct node *attributes = misp_attributes(node);
	for (size_t i = 0; i < node_count(attributes); i++) {
		struct parse_counts counts = {0};
		struct sink sink = {.take = take_canonical, .counts = &counts};
		const struct parse_options options = {.scope = SCOPE_SUBTREE};
		const struct parse parse = {.document = "fuzz", .options = &options, .sink = &sink};
		if (misp_attribute_rules(node_at(attributes, i), &parse) != 0)
			abort();
	}
	struct manifest_entry *entries;
	size_t count;
	if (misp_manifest(node, &entries, &count, &why) == 0) {
		for (size_t i = 0; i < count; i++)
			if (!uuid_is_valid(entries[i].uuid))
				abort();
		free(entries);
	}
	node_free(node);
	return 0;
}
