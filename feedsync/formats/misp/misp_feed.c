/* SPDX-License-Identifier: BSD-3-Clause */
/* A MISP feed as a directory: manifest.json, and <event uuid>.json for each event it lists (MISP core format,
 * Manifest). An event without a file is passed over: real feeds have such holes. */
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "feedsync/base/json.h"
#include "feedsync/base/log.h"
#include "feedsync/formats/misp/misp_events.h"
#include "feedsync/formats/registry.h"
#include "libweir/errors.h"

/* Parses the event whose document parse->path is. */
static int parse_event_file(const struct parse *parse)
{
	struct node *root;
	int status = json_load(&root, parse->path, MAX_BODY, parse->why);
	if (status != 0)
		return status;
	const struct node *event = misp_event(root);
	status = event ? misp_event_rules(event, parse) : why_set(parse->why, -EBADMSG, "holds no MISP event");
	node_free(root);
	return status;
}

/* Parses an event of the manifest. A damaged event is logged and counted; the others count. */
static int parse_listed_event(const struct parse *parse, const char *uuid)
{
	char path[4096], name[1024];
	struct why reason = {.text = ""};
	struct parse event = *parse;
	snprintf(path, sizeof path, "%s/%s.json", parse->path, uuid);
	snprintf(name, sizeof name, "%s/%s.json", parse->document, uuid);
	event.path = path;
	event.document = name;
	event.why = &reason;
	int status = parse_event_file(&event);
	if (status == -ENOENT)
		return 0;
	if (status == -EBADMSG) {
		log_error("%s: %s", name, reason.text);
		parse->sink->counts->damaged++;
		return 0;
	}
	return status != 0 && reason.text[0] ? why_set(parse->why, status, "%s: %s", name, reason.text) : status;
}

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
		status = parse_listed_event(parse, entries[i].uuid);
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
	.has_tlp = true,
	.empty_means_withdrawn = true,
	.parse_directory = parse_misp_feed,
};
