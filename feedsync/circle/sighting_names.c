/* SPDX-License-Identifier: BSD-3-Clause */
#include "feedsync/circle/sighting_names.h"

#include <errno.h>
#include <stdio.h>

#include "feedsync/base/json.h"
#include "feedsync/circle/sighting_store.h"
#include "feedsync/trends/period.h"
#include "libweir/errors.h"

enum { NAME_SIGHTINGS = 30 /* the newest of a rule */ };

/* A sighting of a subtree is about all names below it. */
struct name_sightings {
	bool above;
	void (*visit)(void *context, const char *partner, const struct sighting *sighting);
	void *context;
};

static void pass_sighting(void *context, const char *partner, const struct sighting *sighting)
{
	const struct name_sightings *names = context;
	if (!names->above || sighting->scope == SCOPE_SUBTREE)
		names->visit(names->context, partner, sighting);
}

int sighting_names_each(const struct config *config, const uint8_t *wire, size_t length,
	void (*visit)(void *context, const char *partner, const struct sighting *sighting), void *context,
	struct why *why)
{
	struct sighting_store *store;
	struct name_labels labels;
	int status = sighting_store_open(&store, config->state, false, why);
	if (status != 0)
		return status == -ENOENT ? 0 : status;
	status = name_split(wire, length, &labels);
	for (unsigned i = 0; status == 0 && i + 1u < labels.count; i++) {
		char name[NAME_MAX_TEXT];
		const struct sighting_question question = {
			.name = name, .state = SIGHTING_STATES, .limit = NAME_SIGHTINGS};
		struct name_sightings names = {i > 0, visit, context};
		name_to_text(wire + labels.offset[i], length - labels.offset[i], name);
		status = sighting_store_each(store, &question, pass_sighting, &names, why);
	}
	sighting_store_close(&store);
	return status;
}

void sighting_names_print(const char *partner, const struct sighting *s)
{
	char day[PERIOD_TEXT];
	printf("%s to %s of %s: %s", s->type == SIGHTING_HIT ? "sighted" : "reported as a false positive", partner,
		period_text((struct period){s->day, s->day}, day), s->name);
	if (s->entry[0])
		printf(", entry %s", s->entry);
	printf(", %s%s%s\n", sighting_state_text(s->state), s->words[0] ? ": " : "", s->words);
}

void sighting_print(const char *sign, const struct sighting *s)
{
	char day[PERIOD_TEXT];
	printf("%s\t%s\t%s\t%s\t%s\t%s", sign, period_text((struct period){s->day, s->day}, day), scope_text(s->scope),
		s->name, s->feed, sighting_type_text(s->type));
	if (s->entry[0])
		printf(", entry %s", s->entry);
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
	node_put(node, "tlp", node_from_text(tlp_text(s->marking.tlp)));
	node_put(node, "at", node_from_number(s->at));
	node_put(node, "state", node_from_text(sighting_state_text(s->state)));
	node_put(node, "changed_at", node_from_number(s->changed_at));
	node_put(node, "words", node_from_text(s->words ? s->words : ""));
	return node;
}

struct node *sighting_names_json(const char *partner, const struct sighting *sighting)
{
	struct node *node = sighting_json(sighting);
	node_put(node, "partner", node_from_text(partner));
	return node;
}
