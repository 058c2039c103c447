/* SPDX-License-Identifier: BSD-3-Clause */
/* What MISP says of an entry, in words. */
#include <stdio.h>

#include "feedsync/base/clean.h"
#include "feedsync/base/timestamp.h"
#include "feedsync/commands/why_private.h"
#include "feedsync/formats/misp/misp_source.h"
#include "feedsync/formats/misp/misp_tag.h"

enum { MAX_TEXT = 400 };

/* A text of the document, fit to be shown; "?" where there is none. */
static const char *shown(const struct node *owner, const char *key, char text[MAX_TEXT])
{
	const char *value = node_text(node_get(owner, key), NULL);
	snprintf(text, MAX_TEXT, "%s", value ? value : "?");
	clean(text, MAX_TEXT);
	return text;
}

static void print_tag(void *context, const char *tag)
{
	(void)context;
	char text[MAX_TEXT];
	snprintf(text, sizeof text, "%s", tag);
	clean(text, sizeof text);
	printf(", %s", text);
}

void explain_misp(const struct misp_source *source)
{
	char text[MAX_TEXT], when[TIMESTAMP_ROOM];
	uint64_t level, seen = misp_last_seen(source->attribute);
	uint64_t published = node_number_at(source->event, "publish_timestamp");
	if (!node_number(node_get(source->event, "threat_level_id"), &level))
		level = 0;
	printf("  MISP event %s", shown(source->event, "uuid", text));
	printf(", \"%s\"", shown(source->event, "info", text));
	if (node_get(misp_organisation(source->event), "name"))
		printf(", by %s", shown(misp_organisation(source->event), "name", text));
	if (misp_threat_level(level))
		printf(", threat level %s", misp_threat_level(level));
	if (published > 0)
		printf(", published %s", timestamp_text(published, when));
	misp_each_tag(source->event, print_tag, NULL);
	printf("\n  attribute %s", shown(source->attribute, "uuid", text));
	printf(", %s", shown(source->attribute, "category", text));
	misp_each_tag(source->attribute, print_tag, NULL);
	if (seen > 0)
		printf(", last seen %s", timestamp_text(seen, when));
	putchar('\n');
}
