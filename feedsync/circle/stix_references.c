/* SPDX-License-Identifier: BSD-3-Clause */
#include "feedsync/circle/stix_references.h"

#include <stdio.h>

#include "feedsync/base/uuid.h"
#include "feedsync/circle/rendered_json.h"

/* When the definitions of TLP 2.0 were made; of what is ours and never changes as well. */
#define MADE_AT "2022-10-01T00:00:00.000Z"

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

static const char *tlp_id(unsigned row, char id[STIX_ID])
{
	snprintf(id, STIX_ID, "marking-definition--%s", tlp_definitions[row].id);
	return id;
}

static const char *pap_id(const struct organisation *organisation, unsigned row, char id[STIX_ID])
{
	const char *const parts[] = {"marking", pap_definitions[row].name, NULL};
	char uuid[UUID_TEXT];
	uuid5_join(uuid, organisation->uuid, parts);
	snprintf(id, STIX_ID, "marking-definition--%s", uuid);
	return id;
}

const char *stix_identity_id(const struct organisation *organisation, char id[STIX_ID])
{
	snprintf(id, STIX_ID, "identity--%s", organisation->identity);
	return id;
}

static struct node *tlp_node(unsigned row)
{
	struct node *node = node_object(), *extensions = node_object(), *extension = node_object();
	char id[STIX_ID];
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

static struct node *pap_node(const struct organisation *organisation, unsigned row)
{
	struct node *node = node_object(), *definition = node_object();
	char id[STIX_ID];
	node_put(definition, "statement", node_from_text(pap_definitions[row].name));
	node_put(node, "created", node_from_text(MADE_AT));
	node_put(node, "created_by_ref", node_from_text(stix_identity_id(organisation, id)));
	node_put(node, "definition", definition);
	node_put(node, "definition_type", node_from_text("statement"));
	node_put(node, "id", node_from_text(pap_id(organisation, row, id)));
	node_put(node, "name", node_from_text(pap_definitions[row].name));
	node_put(node, "spec_version", node_from_text("2.1"));
	node_put(node, "type", node_from_text("marking-definition"));
	return node;
}

static struct node *identity_node(const struct organisation *organisation)
{
	struct node *node = node_object();
	char id[STIX_ID];
	node_put(node, "contact_information", node_from_text(organisation->contact));
	node_put(node, "created", node_from_text(MADE_AT));
	node_put(node, "id", node_from_text(stix_identity_id(organisation, id)));
	node_put(node, "identity_class", node_from_text("organization"));
	node_put(node, "modified", node_from_text(MADE_AT));
	node_put(node, "name", node_from_text(organisation->name));
	node_put(node, "spec_version", node_from_text("2.1"));
	node_put(node, "type", node_from_text("identity"));
	return node;
}

bool stix_reference_node(
	const struct organisation *organisation, struct markings used, unsigned index, struct node **node)
{
	if (index-- == 0) {
		*node = identity_node(organisation);
		return true;
	}
	for (unsigned row = 0; row < TLPS; row++)
		if ((used.tlp & TLP_BIT(tlp_definitions[row].tlp)) && index-- == 0) {
			*node = tlp_node(row);
			return true;
		}
	for (unsigned row = 0; row < PAPS; row++)
		if ((used.pap & PAP_BIT(pap_definitions[row].pap)) && index-- == 0) {
			*node = pap_node(organisation, row);
			return true;
		}
	return false;
}

struct node *stix_marking_refs(const struct organisation *organisation, const struct marking *marking)
{
	struct node *list = node_array();
	char id[STIX_ID];
	for (unsigned row = 0; row < TLPS; row++)
		if (tlp_definitions[row].tlp == marking->tlp)
			node_append(list, node_from_text(tlp_id(row, id)));
	for (unsigned row = 0; row < PAPS; row++)
		if (pap_definitions[row].pap == marking->pap)
			node_append(list, node_from_text(pap_id(organisation, row, id)));
	return list;
}

struct node *stix_instant_node(uint64_t time)
{
	char text[TIMESTAMP_ROOM + 16];
	return node_from_text(print_instant(time, ".000Z", text));
}
