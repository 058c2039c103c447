/* SPDX-License-Identifier: BSD-3-Clause */
#include "feedsync/guard/warninglist.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "feedsync/base/json.h"
#include "libweir/errors.h"

/* ".google.com" and "*.google.com" stand for google.com and what lies below it. */
static int take_entry(const struct node *entry, const struct position *position, struct sink *sink)
{
	size_t length;
	const char *text = node_text(entry, &length);
	if (!text) {
		sink_reject(sink, position, REJECT_SYNTAX, "", 0);
		return 0;
	}
	if (length > 2 && text[0] == '*' && text[1] == '.')
		text++, length--;
	while (length > 1 && *text == '.')
		text++, length--;
	return sink_name(sink, position, text, length, SCOPE_SUBTREE);
}

int warninglist_parse(const struct node *document, const char *label, struct sink *sink, bool *names, struct why *why)
{
	const char *type = node_text(node_get(document, "type"), NULL);
	const struct node *list = node_get(document, "list");
	if (!node_is_array(list) || (node_get(document, "type") && !type))
		return why_set(why, -EBADMSG,
			"not a MISP warninglist: it has no array \"list\", or a \"type\" that is not a text");
	*names = !type || strcmp(type, "string") == 0 || strcmp(type, "hostname") == 0;
	int status = 0;
	for (size_t i = 0; *names && status == 0 && i < node_count(list); i++) {
		char detail[32];
		snprintf(detail, sizeof detail, "entry %zu", i + 1);
		const struct position position = {label, 0, detail};
		status = take_entry(node_at(list, i), &position, sink);
	}
	return status;
}
