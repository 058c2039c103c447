/* SPDX-License-Identifier: BSD-3-Clause */
#include "feedsync/circle/stix_nodes.h"

#include <errno.h>
#include <stdio.h>

#include "feedsync/circle/rendered_json.h"
#include "libweir/errors.h"

/* When the definitions of TLP 2.0 were made; of what is ours and never changes as well. */
#define MADE_AT "2022-10-01T00:00:00.000Z"

enum { ID_ROOM = 64 };

int stix_check_count(const struct release *release, struct why *why)
{
	if (release->count <= MAX_STIX_ITEMS)
		return 0;
	return why_set(why, -E2BIG,
		"%zu items with those that are withdrawn, and %s is made for %d at most; use rpz, misp-feed or domains",
		release->count, release->output->format, MAX_STIX_ITEMS);
}

/* ---- what is referred to ---- */

/* The definitions of TLP 2.0, which have fixed ids. */
static const struct {
	enum tlp tlp;
	const char *id, *name, *word;
} tlp_definitions[] = {
	{TLP_CLEAR, "94868c89-83c2-464b-929b-a1a8aa3c8487", "TLP:CLEAR", "clear"},
	{TLP_GREEN, "bab4a63c-aed9-4cf5-a766-dfca5abac2bb", "TLP:GREEN", "green"},
	{TLP_AMBER, "55d920b0-5e8b-4f79-9ee9-91f868d9b421", "TLP:AMBER", "amber"},
	{TLP_AMBER_STRICT, "939a9414-2ddd-4d32-a0cd-375ea402b003", "TLP:AMBER+STRICT", "amber+strict"},
	{TLP_RED, "e828b379-4e03-4974-9ac4-e53a884c97c1", "TLP:RED", "red"},
};

/* PAP has no definitions of its own in STIX: ours are statements. */
static const struct {
	enum pap pap;
	const char *name;
} pap_definitions[] = {
	{PAP_CLEAR, "PAP:CLEAR"}, {PAP_GREEN, "PAP:GREEN"}, {PAP_AMBER, "PAP:AMBER"}, {PAP_RED, "PAP:RED"}};

enum {
	TLPS = sizeof tlp_definitions / sizeof *tlp_definitions,
	PAPS = sizeof pap_definitions / sizeof *pap_definitions
};

static const char *tlp_id(unsigned row, char id[ID_ROOM])
{
	snprintf(id, ID_ROOM, "marking-definition--%s", tlp_definitions[row].id);
	return id;
}

static const char *pap_id(const struct release *release, unsigned row, char id[ID_ROOM])
{
	const char *const parts[] = {"marking", pap_definitions[row].name, NULL};
	char uuid[UUID_TEXT];
	uuid5_join(uuid, release->organisation->uuid, parts);
	snprintf(id, ID_ROOM, "marking-definition--%s", uuid);
	return id;
}

static const char *identity_id(const struct release *release, char id[ID_ROOM])
{
	snprintf(id, ID_ROOM, "identity--%s", release->organisation->identity);
	return id;
}

static struct node *tlp_node(unsigned row)
{
	struct node *node = node_object(), *extensions = node_object(), *extension = node_object();
	char id[ID_ROOM];
	node_put(extension, "extension_type", node_from_text("property-extension"));
	node_put(extension, "tlp_2_0", node_from_text(tlp_definitions[row].word));
	node_put(extensions, "extension-definition--60a3c5c5-0d10-413e-aab3-9e08dde9e88d", extension);
	node_put(node, "created", node_from_text(MADE_AT));
	node_put(node, "extensions", extensions);
	node_put(node, "id", node_from_text(tlp_id(row, id)));
	node_put(node, "name", node_from_text(tlp_definitions[row].name));
	node_put(node, "spec_version", node_from_text("2.1"));
	node_put(node, "type", node_from_text("marking-definition"));
	return node;
}

static struct node *pap_node(const struct release *release, unsigned row)
{
	struct node *node = node_object(), *definition = node_object();
	char id[ID_ROOM];
	node_put(definition, "statement", node_from_text(pap_definitions[row].name));
	node_put(node, "created", node_from_text(MADE_AT));
	node_put(node, "created_by_ref", node_from_text(identity_id(release, id)));
	node_put(node, "definition", definition);
	node_put(node, "definition_type", node_from_text("statement"));
	node_put(node, "id", node_from_text(pap_id(release, row, id)));
	node_put(node, "name", node_from_text(pap_definitions[row].name));
	node_put(node, "spec_version", node_from_text("2.1"));
	node_put(node, "type", node_from_text("marking-definition"));
	return node;
}

static struct node *identity_node(const struct release *release)
{
	struct node *node = node_object();
	char id[ID_ROOM];
	node_put(node, "contact_information", node_from_text(release->organisation->contact));
	node_put(node, "created", node_from_text(MADE_AT));
	node_put(node, "id", node_from_text(identity_id(release, id)));
	node_put(node, "identity_class", node_from_text("organization"));
	node_put(node, "modified", node_from_text(MADE_AT));
	node_put(node, "name", node_from_text(release->organisation->name));
	node_put(node, "spec_version", node_from_text("2.1"));
	node_put(node, "type", node_from_text("identity"));
	return node;
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
	const struct markings used = collect_markings(release);
	if (index-- == 0) {
		*node = identity_node(release);
		return true;
	}
	for (unsigned row = 0; row < TLPS; row++)
		if ((used.tlp & TLP_BIT(tlp_definitions[row].tlp)) && index-- == 0) {
			*node = tlp_node(row);
			return true;
		}
	for (unsigned row = 0; row < PAPS; row++)
		if ((used.pap & PAP_BIT(pap_definitions[row].pap)) && index-- == 0) {
			*node = pap_node(release, row);
			return true;
		}
	return false;
}

/* ---- indicators ---- */

static struct node *markings_node(const struct release *release, const struct marking *marking)
{
	struct node *list = node_array();
	char id[ID_ROOM];
	for (unsigned row = 0; row < TLPS; row++)
		if (tlp_definitions[row].tlp == marking->tlp)
			node_append(list, node_from_text(tlp_id(row, id)));
	for (unsigned row = 0; row < PAPS; row++)
		if (pap_definitions[row].pap == marking->pap)
			node_append(list, node_from_text(pap_id(release, row, id)));
	return list;
}

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

static struct node *instant_node(uint64_t time)
{
	char text[TIMESTAMP_ROOM + 16];
	return node_from_text(print_instant(time, ".000Z", text));
}

/* A name is of plain octets, none of which means anything in a pattern. */
struct node *stix_indicator_node(const struct release *release, const struct item *item)
{
	struct node *node = node_object();
	char id[ID_ROOM], pattern[NAME_MAX_TEXT + 32];
	node_put(node, "created", instant_node(item->listed_at));
	node_put(node, "created_by_ref", node_from_text(identity_id(release, id)));
	if (item->reason[0])
		node_put(node, "description", node_from_text(item->reason));
	snprintf(id, sizeof id, "indicator--%s", item->uuid);
	node_put(node, "id", node_from_text(id));
	node_put(node, "indicator_types", word_list("malicious-activity"));
	node_put(node, "labels", labels_node(item));
	node_put(node, "modified", instant_node(item->changed_at));
	node_put(node, "name", node_from_text(item->name));
	node_put(node, "object_marking_refs", markings_node(release, &item->marking));
	snprintf(pattern, sizeof pattern, "[domain-name:value = '%s']", item->name);
	node_put(node, "pattern", node_from_text(pattern));
	node_put(node, "pattern_type", node_from_text("stix"));
	if (item->state == ITEM_WITHDRAWN)
		node_put(node, "revoked", node_from_bool(true));
	node_put(node, "spec_version", node_from_text("2.1"));
	node_put(node, "type", node_from_text("indicator"));
	node_put(node, "valid_from", instant_node(item->listed_at));
	if (item->expires_at > item->listed_at)
		node_put(node, "valid_until", instant_node(item->expires_at));
	return node;
}
