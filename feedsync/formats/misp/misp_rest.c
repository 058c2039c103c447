/* SPDX-License-Identifier: BSD-3-Clause */
/* Answers of MISP's attributes/restSearch, page by page (pages.h). An attribute that stands there twice, since what was
 * on the server's pages moved while they were fetched, counts as it was last. */
#include <errno.h>

#include "feedsync/base/json.h"
#include "feedsync/formats/latest.h"
#include "feedsync/formats/misp/misp_events.h"
#include "feedsync/formats/pages.h"
#include "feedsync/formats/registry.h"
#include "feedsync/formats/uuid.h"
#include "libweir/errors.h"

static int note_attributes(const struct page_reading *reading, const struct node *page, const char *name)
{
	(void)name;
	const struct node *attributes = misp_attributes(page);
	int status = attributes ? 0 : -EBADMSG;
	for (size_t i = 0; status == 0 && i < node_count(attributes); i++) {
		const struct node *attribute = node_at(attributes, i);
		const char *uuid = node_text(node_get(attribute, "uuid"), NULL);
		uint64_t timestamp;
		if (!node_number(node_get(attribute, "timestamp"), &timestamp))
			timestamp = 0;
		status = latest_add(reading->latest, uuid && uuid_is_valid(uuid) ? uuid : "", timestamp);
	}
	return status;
}

static int use_attributes(const struct page_reading *reading, const struct node *page, const char *name)
{
	const struct node *attributes = misp_attributes(page);
	int status = 0;
	for (size_t i = 0; status == 0 && i < node_count(attributes); i++)
		if (latest_next(reading->latest))
			status = misp_attribute_rules(node_at(attributes, i), name, reading->options, reading->sink);
	return status;
}

int misp_rest_parse(
	const char *path, const char *document, const struct parse_options *options, struct sink *sink, struct why *why)
{
	return pages_parse(path, document, options, sink, note_attributes, use_attributes, why);
}
