/* SPDX-License-Identifier: BSD-3-Clause */
#include "feedsync/guard/warninglist.h"

#include <errno.h>
#include <string.h>

#include "feedsync/base/json.h"
#include "libweir/errors.h"

int warninglist_parse(const struct node *document, warninglist_take *take, void *context, bool *names, struct why *why)
{
	const char *type = node_text(node_get(document, "type"), NULL);
	const struct node *list = node_is_array(document) ? document : node_get(document, "list");
	if (!node_is_array(list) || (node_get(document, "type") && !type))
		return why_set(why, -EBADMSG,
			"not a MISP warninglist: it has no array \"list\", or a \"type\" that is not a text");
	*names = !type || strcmp(type, "string") == 0 || strcmp(type, "hostname") == 0;
	if (*names && node_count(list) == 0)
		return why_set(why, -EBADMSG, "a warninglist without an entry");
	int status = 0;
	for (size_t i = 0; *names && status == 0 && i < node_count(list); i++) {
		size_t length = 0;
		const char *text = node_text(node_at(list, i), &length);
		status = take(context, i + 1, text, length);
	}
	return status;
}
