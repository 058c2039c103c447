/* SPDX-License-Identifier: BSD-3-Clause */
#include "feedsync/circle/sighting_stix.h"

#include <stdio.h>

#include "feedsync/base/wall_clock.h"
#include "feedsync/circle/rendered_json.h"
#include "feedsync/circle/stix_references.h"
#include "feedsync/entries/sink.h"
#include "feedsync/formats/misp/misp_source.h"

enum { MOST_COUNT = 999999999 /* STIX 2.1, 5.2 */ };

bool sighting_identify_indicator(const struct sink *sink, struct sighting_identifiers *identifiers)
{
	const char *uuid = sink->misp ? node_text(node_get(sink->misp->attribute, "uuid"), NULL) : NULL;
	if (sink->indicator) {
		int length = snprintf(identifiers->entry, sizeof identifiers->entry, "%s", sink->indicator);
		return (size_t)length < sizeof identifiers->entry;
	}
	if (!uuid || !uuid_is_valid(uuid))
		return false;
	identifiers->changed_at = misp_last_seen(sink->misp->attribute);
	snprintf(identifiers->entry, sizeof identifiers->entry, "indicator--%s", uuid);
	return true;
}

const char *sighting_stix_id(const struct sighting *sighting, char id[STIX_SIGHTING_ID])
{
	snprintf(id, STIX_SIGHTING_ID, "%s--%s", sighting->type == SIGHTING_HIT ? "sighting" : "opinion",
		sighting->uuid);
	return id;
}

void sighting_add_marking(struct markings *used, const struct sighting *sighting)
{
	used->tlp |= TLP_BIT(sighting->marking.tlp);
	used->pap |= PAP_BIT(sighting->marking.pap);
}

static struct node *list_of_text(const char *text)
{
	struct node *list = node_array();
	node_append(list, node_from_text(text));
	return list;
}

/* When it was made: of a hit the end of its day, whenever it is told. */
static uint64_t made_at(const struct sighting *sighting)
{
	return sighting->type == SIGHTING_HIT ? (sighting->day + 1) * ONE_DAY_S : sighting->at;
}

/* The members of a hit from "object_marking_refs" on are those of any. */
static void put_hit(struct node *node, const struct organisation *organisation, const struct partner *partner,
	const struct sighting *sighting)
{
	char identity[STIX_ID];
	if (sighting->hits > 0)
		node_put(node, "count", node_from_number(sighting->hits < MOST_COUNT ? sighting->hits : MOST_COUNT));
	node_put(node, "description", node_from_text(partner->source));
	node_put(node, "first_seen", stix_instant_node(sighting->day * ONE_DAY_S));
	node_put(node, "last_seen", stix_instant_node(sighting->at));
	node_put(node, "sighting_of_ref", node_from_text(sighting->entry));
	node_put(node, "summary", node_from_bool(true));
	/* Without it OpenCTI drops the sighting. */
	node_put(node, "where_sighted_refs", list_of_text(stix_identity_id(organisation, identity)));
}

static void put_opinion(struct node *node, const struct sighting *sighting)
{
	node_put(node, "explanation", node_from_text("false positive: it is let pass here"));
	node_put(node, "object_refs", list_of_text(sighting->entry));
	node_put(node, "opinion", node_from_text("strongly-disagree"));
}

struct node *sighting_stix_node(
	const struct organisation *organisation, const struct partner *partner, const struct sighting *sighting)
{
	struct node *node = node_object();
	char id[STIX_SIGHTING_ID], identity[STIX_ID];
	const bool hit = sighting->type == SIGHTING_HIT;
	node_put(node, "created", stix_instant_node(made_at(sighting)));
	node_put(node, "created_by_ref", node_from_text(stix_identity_id(organisation, identity)));
	node_put(node, "id", node_from_text(sighting_stix_id(sighting, id)));
	node_put(node, "modified", stix_instant_node(made_at(sighting)));
	node_put(node, "object_marking_refs", stix_marking_refs(organisation, &sighting->marking));
	node_put(node, "spec_version", node_from_text("2.1"));
	node_put(node, "type", node_from_text(hit ? "sighting" : "opinion"));
	if (hit)
		put_hit(node, organisation, partner, sighting);
	else
		put_opinion(node, sighting);
	return node;
}
