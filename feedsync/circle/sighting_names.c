/* SPDX-License-Identifier: BSD-3-Clause */
#include "feedsync/circle/sighting_names.h"

#include <inttypes.h>
#include <stdio.h>

#include "feedsync/base/json.h"
#include "feedsync/trends/period.h"

void sighting_print(const char *sign, const struct sighting *s)
{
	char day[PERIOD_TEXT];
	printf("%s\t%s\t%s\t%s\t%s\t%s, entry %s", sign, period_text((struct period){s->day, s->day}, day),
		scope_text(s->scope), s->name, s->feed, sighting_type_text(s->type), s->entry);
	if (s->group[0])
		printf(" of %s", s->group);
	if (s->words && s->words[0])
		printf(": %s", s->words);
	putchar('\n');
}

struct node *sighting_json(const struct sighting *s)
{
	struct node *node = node_object();
	char day[PERIOD_TEXT];
	node_put(node, "day", node_from_text(period_text((struct period){s->day, s->day}, day)));
	node_put(node, "type", node_from_text(sighting_type_text(s->type)));
	node_put(node, "name", node_from_text(s->name));
	node_put(node, "scope", node_from_text(scope_text(s->scope)));
	node_put(node, "feed", node_from_text(s->feed));
	node_put(node, "group", node_from_text(s->group));
	node_put(node, "entry", node_from_text(s->entry));
	node_put(node, "uuid", node_from_text(s->uuid));
	node_put(node, "at", node_from_number(s->at));
	node_put(node, "state", node_from_text(sighting_state_text(s->state)));
	node_put(node, "changed_at", node_from_number(s->changed_at));
	node_put(node, "words", node_from_text(s->words ? s->words : ""));
	return node;
}
