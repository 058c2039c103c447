/* SPDX-License-Identifier: BSD-3-Clause */
/* A STIX bundle as one document, which is held in memory. */
#include <errno.h>

#include "feedsync/base/json.h"
#include "feedsync/formats/registry.h"
#include "feedsync/formats/stix/stix_indicators.h"
#include "libweir/errors.h"

static int parse_bundle(const struct parse *parse)
{
	struct node *root;
	int status = json_read(&root, parse->in, MAX_BODY, parse->why);
	if (status != 0)
		return status;
	struct latest *latest = latest_new();
	struct stix_markings markings = {0};
	struct parse with = *parse;
	with.state = &markings;
	const struct node *objects = stix_objects(root);
	if (!objects && !node_is(node_get(root, "type"), "bundle")) /* objects are optional (STIX 2.1, 8) */
		status = why_set(parse->why, -EBADMSG, "no STIX bundle: it has no objects");
	else if (!latest || (status = stix_note(objects, latest, &markings)) != 0)
		status = why_set(parse->why, status ? status : -ENOMEM,
			"more than %d indicators, or no memory for them", MAX_OBJECTS);
	if (status == 0) {
		latest_settle(latest);
		status = stix_rules(objects, latest, &with);
	}
	latest_free(&latest);
	stix_markings_free(&markings);
	node_free(root);
	return status;
}

/* MISP marks a hostname by a label: it stands for itself. So does the host of a URL. */
const struct format format_stix = {
	.name = "stix",
	.sentence = "a bundle of STIX 2.0 or 2.1",
	.scope = SCOPE_SUBTREE,
	.has_markings = true,
	.is_stix = true,
	.tells_expiry = true,
	.empty_means_withdrawn = true,
	.parse_document = parse_bundle,
};
