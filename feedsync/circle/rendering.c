/* SPDX-License-Identifier: BSD-3-Clause */
#include "feedsync/circle/rendering.h"

#include <stdlib.h>
#include <string.h>

#include "feedsync/formats/registry.h"

const struct rendering *rendering_find(const char *name)
{
#define ROW(row, word, sentence) &rendering_##row,
	static const struct rendering *const renderings[] = {EACH_RENDERING(ROW) NULL};
#undef ROW
	for (unsigned i = 0; renderings[i]; i++)
		if (strcmp(renderings[i]->name, name) == 0)
			return renderings[i];
	return NULL;
}

int rendering_parse(
	const struct release *release, const char *format, const char *path, struct sink *sink, struct why *why)
{
	const struct format *row = format_find(format);
	const struct parse_options options = {.scope = row->scope, .below = row->below, .now = release->now};
	const struct parse parse = {.path = path, .document = path, .options = &options, .sink = sink, .why = why};
	return format_parse(row, &parse);
}

const struct item **release_order(const struct release *release, int (*compare)(const void *a, const void *b))
{
	const struct item **items = calloc(release->count + 1, sizeof(struct item *));
	for (size_t i = 0; items && i < release->count; i++)
		items[i] = &release->items[i];
	if (items && release->count > 1)
		qsort(items, release->count, sizeof(struct item *), compare);
	return items;
}
