/* SPDX-License-Identifier: BSD-3-Clause */
/* STIX objects in TAXII envelopes, page by page (pages.h): one bundle in parts. */
#include <errno.h>

#include "feedsync/base/json.h"
#include "feedsync/formats/pages.h"
#include "feedsync/formats/registry.h"
#include "feedsync/formats/stix/stix_indicators.h"
#include "libweir/errors.h"

static int note_objects(const struct page_reading *reading, const struct node *page)
{
	const struct node *objects = stix_objects(page);
	return objects ? stix_note(objects, reading->latest, reading->parse.state) : -EBADMSG;
}

static int use_objects(const struct page_reading *reading, const struct node *page)
{
	return stix_rules(stix_objects(page), reading->latest, &reading->parse);
}

static int parse_taxii_pages(const struct parse *parse)
{
	struct stix_markings markings = {0};
	struct parse with = *parse;
	with.state = &markings;
	int status = pages_parse(&with, note_objects, use_objects);
	stix_markings_free(&markings);
	return status;
}

const struct format format_taxii = {
	.name = "taxii",
	.sentence = "a collection of a TAXII 2.1 server",
	.layout = LAYOUT_PAGES,
	.scope = SCOPE_SUBTREE,
	.has_markings = true,
	.is_stix = true,
	.tells_expiry = true,
	.has_collections = true,
	.empty_means_withdrawn = true,
	.parse_directory = parse_taxii_pages,
};
