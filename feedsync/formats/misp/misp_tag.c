/* SPDX-License-Identifier: BSD-3-Clause */
#include "feedsync/formats/misp/misp_tag.h"

#include <stddef.h>

void misp_plain_tag(const char *tag, char plain[MAX_TAG + 1])
{
	size_t length = 0;
	for (; *tag && length < MAX_TAG; tag++)
		if (*tag != '"' && *tag != '\'' && *tag != ' ' && *tag != '\t')
			plain[length++] = *tag;
	plain[length] = '\0';
}

/* {"name": "..."}, as MISP writes it, or the bare text. */
static void visit_tag(const struct node *node, void (*visit)(void *context, const char *tag), void *context)
{
	const char *name = node_text(node_is_object(node) ? node_get(node, "name") : node, NULL);
	if (name)
		visit(context, name);
}

void misp_each_tag(const struct node *owner, void (*visit)(void *context, const char *tag), void *context)
{
	const struct node *list = node_get(owner, "Tag");
	for (size_t i = 0; i < node_count(list); i++)
		visit_tag(node_at(list, i), visit, context);
	if (!node_is_array(list))
		visit_tag(list, visit, context);
}
