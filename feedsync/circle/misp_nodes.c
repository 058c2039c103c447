/* SPDX-License-Identifier: BSD-3-Clause */
#include "feedsync/circle/misp_nodes.h"

#include <stdio.h>
#include <string.h>

#include "feedsync/base/wall_clock.h"
#include "feedsync/circle/rendered_json.h"

enum { TEXT_ROOM = 1024 };

/* Tags of MISP's taxonomies. */
struct misp_tag {
	const char *name, *colour;
};

static const struct misp_tag tlp_tags[] = {
	[TLP_CLEAR] = {"tlp:clear", "#ffffff"},
	[TLP_GREEN] = {"tlp:green", "#339900"},
	[TLP_AMBER] = {"tlp:amber", "#ffc000"},
	[TLP_AMBER_STRICT] = {"tlp:amber+strict", "#ffc000"},
	[TLP_RED] = {"tlp:red", "#ff2b2b"},
};

static const struct misp_tag pap_tags[] = {
	[PAP_CLEAR] = {"PAP:CLEAR", "#ffffff"},
	[PAP_GREEN] = {"PAP:GREEN", "#33ff00"},
	[PAP_AMBER] = {"PAP:AMBER", "#ffa800"},
	[PAP_RED] = {"PAP:RED", "#ff2b2b"},
};

static void append_tag(struct node *tags, const struct misp_tag *tag)
{
	struct node *node = node_object();
	node_put(node, "colour", node_from_text(tag->colour));
	node_put(node, "name", node_from_text(tag->name));
	node_append(tags, node);
}

struct node *misp_tags_node(const struct marking *marking)
{
	struct node *tags = node_array();
	if (marking->tlp != TLP_NONE)
		append_tag(tags, &tlp_tags[marking->tlp]);
	if (marking->pap != PAP_NONE)
		append_tag(tags, &pap_tags[marking->pap]);
	return tags;
}

/* ---- attributes ---- */

/* "parcel phishing; expires 2026-12-24": the last day on which it holds, or the moment, where that is not a day's end. */
static void write_comment(const struct item *item, char comment[TEXT_ROOM])
{
	char end[TIMESTAMP_ROOM];
	const char *between = item->reason[0] ? "; " : "";
	if (item->state != ITEM_LIVE)
		snprintf(comment, TEXT_ROOM, "%s", item->state == ITEM_WITHDRAWN ? "withdrawn" : "expired");
	else if (item->expires_at == 0)
		snprintf(comment, TEXT_ROOM, "%s", item->reason);
	else if (item->expires_at % ONE_DAY_S == 0)
		snprintf(comment, TEXT_ROOM, "%.900s%sexpires %.10s", item->reason, between,
			timestamp_text(item->expires_at - 1, end));
	else
		snprintf(comment, TEXT_ROOM, "%.900s%sexpires %s", item->reason, between,
			timestamp_text(item->expires_at, end));
}

struct node *misp_attribute_node(const struct item *item)
{
	struct node *node = node_object();
	char comment[TEXT_ROOM], first_seen[TIMESTAMP_ROOM + 16];
	write_comment(item, comment);
	if (item->state == ITEM_LIVE)
		node_put(node, "Tag", misp_tags_node(&item->marking));
	node_put(node, "category", node_from_text("Network activity"));
	node_put(node, "comment", node_from_text(comment));
	node_put(node, "deleted", node_from_bool(item->state != ITEM_LIVE));
	node_put(node, "disable_correlation", node_from_bool(false));
	node_put(node, "first_seen", node_from_text(print_instant(item->listed_at, ".000000+00:00", first_seen)));
	node_put(node, "timestamp", node_from_digits(item->changed_at));
	node_put(node, "to_ids", node_from_bool(true));
	node_put(node, "type", node_from_text(item->scope == SCOPE_SUBTREE ? "domain" : "hostname"));
	node_put(node, "uuid", node_from_text(item->uuid));
	node_put(node, "value", node_from_text(item->name));
	return node;
}

/* ---- events ---- */

struct node *misp_orgc_node(const struct organisation *organisation)
{
	struct node *node = node_object();
	node_put(node, "name", node_from_text(organisation->name));
	node_put(node, "uuid", node_from_text(organisation->uuid));
	return node;
}

/* The words of both, in the order of the members' names: those before "date" and from "date" on. */
static void put_first_words(struct node *node, const struct release *release, const struct misp_group *group)
{
	const struct marking marking = {group->items[0]->marking.tlp, PAP_GREEN};
	node_put(node, "Orgc", misp_orgc_node(release->organisation));
	node_put(node, "Tag", misp_tags_node(&marking));
	node_put(node, "analysis", node_from_text("2")); /* completed */
}

static struct node *date_node(const struct misp_group *group)
{
	char date[16];
	snprintf(date, sizeof date, "%s-01", group->items[0]->month);
	return node_from_text(date);
}

static struct node *info_node(const struct release *release, const struct misp_group *group)
{
	const struct item *item = group->items[0];
	char info[TEXT_ROOM], part[32] = "";
	if (item->part > 1)
		snprintf(part, sizeof part, ", part %u", item->part);
	snprintf(info, sizeof info, "%.200s block list: %.300s, %s%s", release->organisation->name, item->category,
		item->month, part);
	return node_from_text(info);
}

struct node *misp_event_node(const struct release *release, const struct misp_group *group)
{
	struct node *node = node_object();
	put_first_words(node, release, group);
	node_put(node, "date", date_node(group));
	node_put(node, "extends_uuid", node_from_text(""));
	node_put(node, "info", info_node(release, group));
	node_put(node, "protected", node_from_bool(false));
	node_put(node, "publish_timestamp", node_from_digits(group->changed_at));
	node_put(node, "published", node_from_bool(true)); /* else whoever takes it has a draft */
	node_put(node, "threat_level_id", node_from_text("2"));
	node_put(node, "timestamp", node_from_digits(group->changed_at));
	node_put(node, "uuid", node_from_text(group->items[0]->event));
	return node;
}

struct node *misp_manifest_node(const struct release *release, const struct misp_group *group, const char *sha256)
{
	struct node *node = node_object();
	put_first_words(node, release, group);
	node_put(node, "date", date_node(group));
	node_put(node, "info", info_node(release, group));
	node_put(node, "integrity:sha256", node_from_text(sha256));
	node_put(node, "threat_level_id", node_from_text("2"));
	node_put(node, "timestamp", node_from_digits(group->changed_at));
	if (release->chain[0])
		node_put(node, "weir:chain", node_from_text(release->chain));
	return node;
}
