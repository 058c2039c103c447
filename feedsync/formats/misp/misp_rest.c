/* SPDX-License-Identifier: BSD-3-Clause */
/* Answers of MISP's attributes/restSearch, page by page (pages.h). Attributes may move from page to page while they are
 * fetched. An attribute that stands on two pages counts as its newest version says. */
#include <errno.h>

#include "feedsync/base/json.h"
#include "feedsync/formats/latest.h"
#include "feedsync/formats/misp/misp_events.h"
#include "feedsync/formats/pages.h"
#include "feedsync/formats/registry.h"
#include "feedsync/formats/uuid.h"
#include "libweir/errors.h"

static int note_attributes(const struct page_reading *reading, const struct node *page)
{
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

static int use_attributes(const struct page_reading *reading, const struct node *page)
{
	const struct node *attributes = misp_attributes(page);
	int status = 0;
	for (size_t i = 0; status == 0 && i < node_count(attributes); i++)
		if (latest_next(reading->latest))
			status = misp_attribute_rules(node_at(attributes, i), &reading->parse);
	return status;
}

static int parse_misp_pages(const struct parse *parse)
{
	return pages_parse(parse, note_attributes, use_attributes);
}

/* In MISP a domain means everything below it too, a hostname only itself: the attribute's type decides. */
const struct format format_misp_rest = {
	.name = "misp-rest",
	.sentence = "a MISP instance, which is asked (attributes/restSearch) for all published attributes for "
		    "detection that the key may see",
	.layout = LAYOUT_PAGES,
	.protocol = PROTOCOL_MISP,
	.scope = SCOPE_SUBTREE,
	.scope_is_told = true,
	.is_misp = true,
	.has_tlp = true,
	.empty_means_withdrawn = true,
	.parse_directory = parse_misp_pages,
};
