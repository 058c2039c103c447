/* SPDX-License-Identifier: BSD-3-Clause */
/* A MISP feed as a directory: manifest.json, and <event uuid>.json for each event it lists (MISP core format,
 * Manifest). An event without a file is passed over: feeds in the wild have such holes. */
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

static int parse_event(
	const char *path, const char *document, const struct parse_options *options, struct sink *sink, struct why *why)
{
	struct node *root;
	int status = json_load(&root, path, MAX_BODY, why);
	if (status != 0)
		return status;
	const struct node *event = misp_event(root);
	status = event ? misp_event_rules(event, document, options, sink)
		       : why_set(why, -EBADMSG, "holds no MISP event");
	node_free(root);
	return status;
}

int misp_feed_parse(
	const char *path, const char *document, const struct parse_options *options, struct sink *sink, struct why *why)
{
	char file[4096], name[1024];
	snprintf(file, sizeof file, "%s/manifest.json", path);
	struct why reason;
	struct node *root;
	int status = json_load(&root, file, MAX_BODY, &reason);
	if (status != 0)
		return why_set(why, status, "%s/manifest.json: %s", document, reason.text);
	struct manifest_entry *entries = NULL;
	size_t count = 0;
	status = misp_manifest(root, &entries, &count, &reason);
	node_free(root);
	if (status != 0)
		return why_set(why, status, "%s/manifest.json: %s", document, reason.text);
	for (size_t i = 0; status == 0 && i < count; i++) {
		snprintf(file, sizeof file, "%s/%s.json", path, entries[i].uuid);
		snprintf(name, sizeof name, "%s/%s.json", document, entries[i].uuid);
		reason.text[0] = '\0';
		status = parse_event(file, name, options, sink, &reason);
		if (status == -ENOENT) {
			status = 0;
		} else if (status == -EBADMSG) {
			/* One damaged event must not take the others with it. */
			log_error("%s: %s", name, reason.text);
			sink->tally->damaged++;
			status = 0;
		} else if (status != 0 && reason.text[0]) {
			why_set(why, status, "%s: %s", name, reason.text);
		}
	}
	free(entries);
	return status;
}
