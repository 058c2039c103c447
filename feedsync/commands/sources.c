/* SPDX-License-Identifier: BSD-3-Clause */
#include "feedsync/commands/sources.h"

#include <stdio.h>

#include "feedsync/base/json.h"

const char *sources_text(const struct policy *policy, const struct verdict *verdict, char *text, size_t room)
{
	size_t used = 0;
	text[0] = '\0';
	for (unsigned i = 0; verdict && i < verdict->effective_count && used + 2 * POLICY_MAX_NAME + 8 < room; i++)
		used += (size_t)snprintf(text + used, room - used, "%s%s (%s)", i ? ", " : "",
			policy->feeds[verdict->effective[i].feed].name,
			policy->categories[verdict->effective[i].category].name);
	return text;
}

struct node *sources_json(const struct policy *policy, const struct verdict *verdict)
{
	struct node *list = node_array();
	for (unsigned i = 0; verdict && i < verdict->effective_count; i++) {
		struct node *node = node_object();
		node_put(node, "feed", node_from_text(policy->feeds[verdict->effective[i].feed].name));
		node_put(node, "category", node_from_text(policy->categories[verdict->effective[i].category].name));
		node_append(list, node);
	}
	return list;
}

struct node *feeds_json(const struct policy *policy, const struct source *sources, size_t count)
{
	struct node *list = node_array();
	for (uint32_t feed = 0; feed < policy->feed_count; feed++) {
		size_t i = 0;
		while (i < count && sources[i].feed != feed)
			i++;
		if (i < count)
			node_append(list, node_from_text(policy->feeds[feed].name));
	}
	return list;
}

struct node *categories_json(const struct policy *policy, const struct source *sources, size_t count)
{
	struct node *list = node_array();
	for (uint32_t category = 0; category < policy->category_count; category++) {
		size_t i = 0;
		while (i < count && sources[i].category != category)
			i++;
		if (i < count)
			node_append(list, node_from_text(policy->categories[category].name));
	}
	return list;
}
