/* SPDX-License-Identifier: BSD-3-Clause */
#include "feedsync/formats/misp/misp_map.h"

#include <string.h>
#include <strings.h>

#include "feedsync/formats/misp/misp_tag.h"

/* Looks for a tag. */
struct search {
	const char *wanted;
	bool found;
};

static void compare(void *context, const char *tag)
{
	struct search *search = context;
	char plain[MAX_TAG + 1];
	misp_plain_tag(tag, plain);
	size_t length = strlen(search->wanted);
	bool front = length > 0 && search->wanted[length - 1] == '*';
	search->found |=
		front ? strncasecmp(plain, search->wanted, length - 1) == 0 : strcasecmp(plain, search->wanted) == 0;
}

static bool has_tag(const struct misp_source *source, const char *wanted)
{
	char plain[MAX_TAG + 1];
	misp_plain_tag(wanted, plain);
	struct search search = {.wanted = plain};
	misp_each_tag(source->event, compare, &search);
	misp_each_tag(source->attribute, compare, &search);
	return search.found;
}

static bool is_of_organisation(const struct misp_source *source, const char *wanted)
{
	const struct node *organisation = misp_organisation(source->event);
	return node_is(node_get(organisation, "name"), wanted) || node_is(node_get(organisation, "uuid"), wanted);
}

static bool fits(const struct misp_map *line, const struct misp_source *source)
{
	uint64_t level;
	if (line->misp_category && !node_is(node_get(source->attribute, "category"), line->misp_category))
		return false;
	if (line->threat_level &&
		(!node_number(node_get(source->event, "threat_level_id"), &level) || level != line->threat_level))
		return false;
	if (line->organisation && !is_of_organisation(source, line->organisation))
		return false;
	return !line->tag || has_tag(source, line->tag);
}

uint16_t misp_map_category(
	const struct misp_map *map, size_t count, const struct misp_source *source, uint16_t feed_category)
{
	for (size_t i = 0; i < count; i++)
		if (fits(&map[i], source))
			return map[i].category;
	return feed_category;
}
