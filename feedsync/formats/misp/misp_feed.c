/* SPDX-License-Identifier: BSD-3-Clause */
/* A MISP feed as a directory: manifest.json, and <event uuid>.json for each event it lists (MISP core format,
 * Manifest). An event without a file is passed over: real feeds have such holes. */
#include <stdio.h>
#include <stdlib.h>

#include "feedsync/base/json.h"
#include "feedsync/formats/misp/misp_event_file.h"
#include "feedsync/formats/misp/misp_events.h"
#include "feedsync/formats/registry.h"
#include "libweir/errors.h"

static int parse_misp_feed(const struct parse *parse)
{
	char path[4096];
	snprintf(path, sizeof path, "%s/manifest.json", parse->path);
	struct why reason;
	struct node *root;
	struct manifest_entry *entries = NULL;
	size_t count = 0;
	int status = json_load(&root, path, MAX_BODY, &reason);
	if (status == 0)
		status = misp_manifest(root, &entries, &count, &reason);
	node_free(root);
	if (status != 0)
		return why_set(parse->why, status, "%s/manifest.json: %s", parse->document, reason.text);
	for (size_t i = 0; status == 0 && i < count; i++)
		status = misp_event_file_rules(parse, entries[i].uuid, false);
	free(entries);
	return status;
}

/* In MISP a domain means everything below it too, a hostname only itself: the attribute's type decides. */
const struct format format_misp_feed = {
	.name = "misp-feed",
	.sentence = "a folder of MISP events",
	.layout = LAYOUT_EVENTS,
	.scope = SCOPE_SUBTREE,
	.scope_is_told = true,
	.is_misp = true,
	.has_markings = true,
	.empty_means_withdrawn = true,
	.parse_directory = parse_misp_feed,
};
