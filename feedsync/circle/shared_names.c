/* SPDX-License-Identifier: BSD-3-Clause */
#include "feedsync/circle/shared_names.h"

#include <stdio.h>
#include <string.h>

#include "feedsync/base/json.h"
#include "feedsync/base/log.h"
#include "feedsync/base/timestamp.h"
#include "feedsync/circle/output_state.h"
#include "libweir/errors.h"

/* Whether an item is the name, or a subtree that holds it. */
static bool is_about(const struct item *item, const uint8_t *wire, size_t length)
{
	struct name_labels labels;
	if (item->length > length || memcmp(wire + length - item->length, item->wire, item->length) != 0 ||
		(item->length < length && item->scope == SCOPE_EXACT) || name_split(wire, length, &labels) != 0)
		return false;
	for (unsigned i = 0; i < labels.count; i++)
		if (labels.offset[i] == length - item->length)
			return true;
	return false;
}

bool shared_names_each(const struct config *config, const uint8_t *wire, size_t length,
	void (*visit)(void *context, const struct output *output, const struct item *item), void *context)
{
	bool all = true;
	for (size_t i = 0; i < config->output_count; i++) {
		const struct output *output = &config->outputs[i];
		struct output_state state;
		struct why why;
		if (output_state_read(&state, config->state, &config->organisation, output, &why) != 0) {
			log_error("output %s: %s", output->name, why.text);
			all = false;
		}
		for (size_t k = 0; k < state.count; k++)
			if (is_about(&state.items[k], wire, length))
				visit(context, output, &state.items[k]);
		output_state_free(&state);
	}
	return all;
}

static const char *end_text(enum item_state state)
{
	return state == ITEM_EXPIRED ? "expired" : "withdrawn";
}

void shared_names_print(const struct output *output, const struct item *item)
{
	char listed[TIMESTAMP_ROOM], changed[TIMESTAMP_ROOM];
	printf("shared in %s: %s%s, category %s, TLP %s, since %s", output->name, item->name,
		item->scope == SCOPE_SUBTREE ? " and everything below" : "", item->category,
		tlp_text(item->marking.tlp), timestamp_text(item->listed_at, listed));
	if (item->state == ITEM_LIVE)
		printf(", serial %u\n", item->serial);
	else
		printf(", %s %s, serial %u\n", end_text(item->state), timestamp_text(item->changed_at, changed),
			item->serial);
}

struct node *shared_names_json(const struct output *output, const struct item *item)
{
	struct node *node = node_object();
	node_put(node, "output", node_from_text(output->name));
	node_put(node, "name", node_from_text(item->name));
	node_put(node, "scope", node_from_text(scope_text(item->scope)));
	node_put(node, "category", node_from_text(item->category));
	node_put(node, "tlp", node_from_text(tlp_text(item->marking.tlp)));
	node_put(node, "uuid", node_from_text(item->uuid));
	node_put(node, "listing", node_from_number(item->listing));
	node_put(node, "listed_at", node_from_number(item->listed_at));
	node_put(node, "state", node_from_text(item->state == ITEM_LIVE ? "listed" : end_text(item->state)));
	node_put(node, "changed_at", node_from_number(item->changed_at));
	node_put(node, "expires_at", node_from_number(item->expires_at));
	node_put(node, "serial", node_from_number(item->serial));
	return node;
}
