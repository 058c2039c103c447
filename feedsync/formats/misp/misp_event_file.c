/* SPDX-License-Identifier: BSD-3-Clause */
#include "feedsync/formats/misp/misp_event_file.h"

#include <errno.h>
#include <stdio.h>

#include "feedsync/base/json.h"
#include "feedsync/base/log.h"
#include "feedsync/base/maxima.h"
#include "feedsync/formats/misp/misp_events.h"
#include "feedsync/formats/parse.h"
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

int misp_event_file_rules(const struct parse *parse, const char *uuid, bool must_exist)
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
	if (status == -ENOENT && !must_exist)
		return 0;
	if (status == -EBADMSG || status == -ENOENT) {
		log_error("%s: %s", name, reason.text);
		parse->sink->counts->damaged++;
		return 0;
	}
	return status != 0 && reason.text[0] ? why_set(parse->why, status, "%s: %s", name, reason.text) : status;
}
