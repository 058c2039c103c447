/* SPDX-License-Identifier: BSD-3-Clause */
/* What a MISP instance publishes: a listing, and a file for each event (misp_listing.h).
 *
 * Version 0.1.0 kept the answers of attributes/restSearch, page by page (pages.h). They go on being used until the
 * first update has fetched all events. Attributes may have moved from page to page while they were fetched,
 * so an attribute that stands on two pages counts as its newest version says. */
#include <errno.h>
#include <stdio.h>
#include <unistd.h>

#include "feedsync/base/json.h"
#include "feedsync/formats/latest.h"
#include "feedsync/formats/misp/misp_event_file.h"
#include "feedsync/formats/misp/misp_events.h"
#include "feedsync/formats/misp/misp_listing.h"
#include "feedsync/formats/pages.h"
#include "feedsync/formats/registry.h"
#include "feedsync/base/uuid.h"
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
		status = latest_add(reading->latest, uuid && uuid_is_valid(uuid) ? uuid : "", timestamp, 0);
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

/* Whether the version holds pages, as 0.1.0 kept it. */
static bool holds_pages(const char *directory)
{
	char listing[4096], pages[4096];
	misp_listing_path(directory, listing);
	snprintf(pages, sizeof pages, "%s/pages.json", directory);
	return access(listing, F_OK) != 0 && errno == ENOENT && access(pages, F_OK) == 0;
}

static int parse_misp_rest(const struct parse *parse)
{
	struct misp_listing listing;
	struct why reason;
	if (holds_pages(parse->path))
		return pages_parse(parse, note_attributes, use_attributes);
	int status = misp_listing_read(&listing, parse->path, &reason);
	if (status != 0)
		return why_set(parse->why, status, "%s/events.json: %s", parse->document, reason.text);
	for (size_t i = 0; status == 0 && i < listing.count; i++)
		if (listing.events[i].attributes > 0)
			status = misp_event_file_rules(parse, listing.events[i].uuid, true);
	misp_listing_free(&listing);
	return status;
}

/* In MISP a domain means everything below it too, a hostname only itself: the attribute's type decides. */
const struct format format_misp_rest = {
	.name = "misp-rest",
	.sentence = "a MISP instance, which is asked for the published attributes for detection that the key may see",
	.layout = LAYOUT_LISTING,
	.scope = SCOPE_SUBTREE,
	.scope_is_told = true,
	.is_misp = true,
	.has_markings = true,
	.empty_means_withdrawn = true,
	.parse_directory = parse_misp_rest,
};
