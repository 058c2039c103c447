/* SPDX-License-Identifier: BSD-3-Clause */
/* A STIX bundle as one document, which is held in memory. */
#include <errno.h>

#include "feedsync/base/json.h"
#include "feedsync/formats/registry.h"
#include "feedsync/formats/stix/stix_indicators.h"
#include "libweir/errors.h"

int stix_parse(FILE *in, const char *document, const struct parse_options *options, struct sink *sink, struct why *why)
{
	struct node *root;
	int status = json_read(&root, in, MAX_BODY, why);
	if (status != 0)
		return status;
	struct latest *latest = latest_new();
	const struct node *objects = stix_objects(root);
	if (!objects && !node_is(node_get(root, "type"), "bundle")) /* objects are optional (STIX 2.1, 8) */
		status = why_set(why, -EBADMSG, "no STIX bundle: it has no objects");
	else if (!latest || (status = stix_note(objects, latest)) != 0)
		status = why_set(
			why, status ? status : -ENOMEM, "more than %d indicators, or no memory for them", MAX_OBJECTS);
	if (status == 0) {
		latest_settle(latest);
		status = stix_rules(objects, latest, document, options, sink);
	}
	latest_free(&latest);
	node_free(root);
	return status;
}
