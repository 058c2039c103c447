/* STIX objects in TAXII envelopes, page by page (pages.h): one bundle in parts. */
#include <errno.h>

#include "error.h"
#include "formats.h"
#include "json.h"
#include "pages.h"
#include "stix.h"

struct reading {
	struct versions *versions;
	const struct parse_options *options;
	struct sink *sink;
};

static int note_page(void *context, const struct node *page, const char *name)
{
	(void)name;
	const struct reading *reading = context;
	const struct node *objects = stix_objects(page);
	return objects ? stix_note(objects, reading->versions) : -EBADMSG;
}

static int use_page(void *context, const struct node *page, const char *name)
{
	const struct reading *reading = context;
	return stix_rules(stix_objects(page), reading->versions, name, reading->options, reading->sink);
}

int taxii_parse(
	const char *path, const char *document, const struct parse_options *options, struct sink *sink, struct why *why)
{
	struct reading reading = {versions_new(), options, sink};
	if (!reading.versions)
		return why_set(why, -ENOMEM, "out of memory");
	int status = pages_each(path, document, note_page, &reading, sink->tally, why);
	if (status == 0) {
		versions_settle(reading.versions);
		status = pages_each(path, document, use_page, &reading, NULL, why);
	}
	versions_free(&reading.versions);
	return status;
}
