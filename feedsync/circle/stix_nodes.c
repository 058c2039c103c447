/* SPDX-License-Identifier: BSD-3-Clause */
#include "feedsync/circle/stix_nodes.h"

#include <errno.h>
#include <stdio.h>

#include "feedsync/circle/rendered_json.h"
#include "feedsync/circle/stix_references.h"
#include "libweir/errors.h"

int stix_check_count(const struct release *release, struct why *why)
{
	if (release->count <= MAX_STIX_ITEMS)
		return 0;
	return why_set(why, -E2BIG,
		"%zu items with those that are withdrawn, and %s is made for %d at most; use rpz, misp-feed or domains",
		release->count, release->output->format, MAX_STIX_ITEMS);
}

static struct markings collect_markings(const struct release *release)
{
	struct markings used = {0};
	for (size_t i = 0; i < release->count; i++) {
		used.tlp |= TLP_BIT(release->items[i].marking.tlp);
		used.pap |= PAP_BIT(release->items[i].marking.pap);
	}
	return used;
}

bool stix_common_node(const struct release *release, unsigned index, struct node **node)
{
	return stix_reference_node(release->organisation, collect_markings(release), index, node);
}

/* ---- indicators ---- */

/* The scope is told by the label that MISP gives what it converts; it is what our parser looks at, too. */
static struct node *labels_node(const struct item *item)
{
	struct node *labels = node_array();
	char category[512];
	snprintf(category, sizeof category, "weir:category=\"%.400s\"", item->category);
	node_append(labels,
		node_from_text(item->scope == SCOPE_SUBTREE ? "misp:type=\"domain\"" : "misp:type=\"hostname\""));
	node_append(labels, node_from_text(category));
	return labels;
}

static struct node *word_list(const char *word)
{
	struct node *list = node_array();
	node_append(list, node_from_text(word));
	return list;
}

/* A name is of plain octets, none of which means anything in a pattern. */
struct node *stix_indicator_node(const struct release *release, const struct item *item)
{
	struct node *node = node_object();
	char id[STIX_ID], pattern[NAME_MAX_TEXT + 32];
	node_put(node, "created", stix_instant_node(item->listed_at));
	node_put(node, "created_by_ref", node_from_text(stix_identity_id(release->organisation, id)));
	if (item->reason[0])
		node_put(node, "description", node_from_text(item->reason));
	snprintf(id, sizeof id, "indicator--%s", item->uuid);
	node_put(node, "id", node_from_text(id));
	node_put(node, "indicator_types", word_list("malicious-activity"));
	node_put(node, "labels", labels_node(item));
	node_put(node, "modified", stix_instant_node(item->changed_at));
	node_put(node, "name", node_from_text(item->name));
	node_put(node, "object_marking_refs", stix_marking_refs(release->organisation, &item->marking));
	snprintf(pattern, sizeof pattern, "[domain-name:value = '%s']", item->name);
	node_put(node, "pattern", node_from_text(pattern));
	node_put(node, "pattern_type", node_from_text("stix"));
	if (item->state == ITEM_WITHDRAWN)
		node_put(node, "revoked", node_from_bool(true));
	node_put(node, "spec_version", node_from_text("2.1"));
	node_put(node, "type", node_from_text("indicator"));
	node_put(node, "valid_from", stix_instant_node(item->listed_at));
	if (item->expires_at > item->listed_at)
		node_put(node, "valid_until", stix_instant_node(item->expires_at));
	return node;
}
