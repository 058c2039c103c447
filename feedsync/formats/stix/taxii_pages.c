/* SPDX-License-Identifier: BSD-3-Clause */
/* STIX objects in TAXII envelopes, page by page (pages.h): one bundle in parts. */
#include <errno.h>

#include "feedsync/base/json.h"
#include "feedsync/formats/pages.h"
#include "feedsync/formats/registry.h"
#include "feedsync/formats/stix/stix_indicators.h"
#include "libweir/errors.h"

static int note_objects(const struct page_reading *reading, const struct node *page, const char *name)
{
	(void)name;
	const struct node *objects = stix_objects(page);
	return objects ? stix_note(objects, reading->latest) : -EBADMSG;
}

static int use_objects(const struct page_reading *reading, const struct node *page, const char *name)
{
	return stix_rules(stix_objects(page), reading->latest, name, reading->options, reading->sink);
}

int taxii_parse(
	const char *path, const char *document, const struct parse_options *options, struct sink *sink, struct why *why)
{
	return pages_parse(path, document, options, sink, note_objects, use_objects, why);
}
