/* SPDX-License-Identifier: BSD-3-Clause */
/* What a feed's entries mean: their category and action, by feed and by what MISP tells of each entry; and how long
 * they hold. */
#include <stdio.h>
#include <string.h>

#include "feedsync/config/check.h"
#include "feedsync/formats/misp/misp_map.h"

/* The index of a category of the file. If it is not there: 0, with a complaint. */
static uint16_t named_category(struct check *c, const struct written *at, const char *name)
{
	int category = find_written_category(c, name);
	if (category >= 0)
		return (uint16_t)category;
	complain(c, at, "category", "there is no category \"%s\"", name);
	return 0;
}

/* Makes a category for a feed's own action, for example "phishing:log". It does the same as the category that it is a
 * variant of, except for the action. Groups that the category does not concern are not changed. So a table needs to
 * know nothing new, and all feeds on trial share the variant. */
static uint16_t add_variant(struct check *c, const struct written *at, uint16_t category, const char *action_name)
{
	struct config *config = c->config;
	const struct category_policy *original = &config->categories[category];
	char name[POLICY_MAX_NAME + 20];
	if (original->action == ACTION_ALLOW) {
		complain(c, at, "action", "the names of category %s pass; nothing else can be done to them",
			original->name);
		return category;
	}
	enum action action = read_action(c, at, original, action_name);
	snprintf(name, sizeof name, "%s:%s", original->name, action_text(action));
	int found = find_category(config, name);
	if (found >= 0 && (size_t)found >= c->written_categories)
		return (uint16_t)found;
	if (found >= 0 || strlen(name) > POLICY_MAX_NAME || config->category_count == POLICY_MAX_CATEGORIES - 1) {
		complain(c, at, "action", "this needs a category \"%s\", %s", name,
			found >= 0                       ? "which is the name of another one"
			: strlen(name) > POLICY_MAX_NAME ? "whose name is too long"
							 : "and there are too many");
		return category;
	}
	size_t added = config->category_count++;
	config->categories[added] = *original;
	snprintf(config->categories[added].name, sizeof config->categories[added].name, "%.*s", POLICY_MAX_NAME, name);
	config->categories[added].action = action;
	for (size_t i = 0; i < config->group_count; i++) {
		uint8_t *actions = config->groups[i].action;
		actions[added] = actions[category] == ACTION_ALLOW ? ACTION_ALLOW : (uint8_t)action;
	}
	return (uint16_t)added;
}

static uint16_t read_feed_category(
	struct check *c, const struct written_feed *feed, const struct written *at, const char *name)
{
	uint16_t category = named_category(c, at, name);
	return feed->action ? add_variant(c, &feed->at, category, feed->action) : category;
}

static uint64_t read_threat_level(const char *text)
{
	uint64_t level = 1;
	while (misp_threat_level(level) && strcmp(misp_threat_level(level), text) != 0)
		level++;
	return level;
}

static void read_map(struct check *c, struct feed_config *feed, const struct written_feed *written)
{
	struct misp_map *map = yaml_alloc(c->document, written->map.count, sizeof *map);
	feed->options.map = map;
	feed->options.map_count = written->map.count;
	if (written->map.count > 0 && !feed->format->is_misp)
		complain(c, &written->at, "map", "only entries of MISP can be mapped, and this is %s",
			feed->format->name);
	for (unsigned i = 0; i < written->map.count; i++) {
		const struct written_map *line = &written->map.item[i];
		map[i] = (struct misp_map){.tag = line->tag,
			.misp_category = line->misp_category,
			.organisation = line->organisation,
			.threat_level = line->threat_level ? read_threat_level(line->threat_level) : 0,
			.category = read_feed_category(c, written, &line->at, line->category)};
		if (!line->tag && !line->misp_category && !line->organisation && !line->threat_level)
			complain(c, &line->at, "category",
				"a line of it has a tag, a misp-category, an organisation or a threat-level");
		if ((c->config->categories[map[i].category].action == ACTION_ALLOW) != feed->allows)
			complain(c, &line->at, "category",
				"the entries of a feed are either blocked or let pass; this line would do the other");
	}
}

static void read_age(struct check *c, struct feed_config *feed, const struct written_feed *written)
{
	const struct format *format = feed->format;
	feed->options.seen = written->seen;
	feed->options.max_age_s = written->max_age_s;
	if (written->seen && !format->has_fields)
		complain(c, &written->at, "seen", "the format %s has no fields", format->name);
	else if (written->seen && written->max_age_s == 0)
		complain(c, &written->at, "seen", "it has no effect without max-age");
	if (written->max_age_s > 0 && !written->seen && !format->is_misp)
		complain(c, &written->at, "max-age", "%s",
			format->has_fields ? "it needs the field that holds the time (seen: NAME)"
					   : "this format does not tell when an entry was seen");
}

void check_feed_policy(struct check *c, struct feed_config *feed, const struct written_feed *written)
{
	feed->category = read_feed_category(c, written, &written->at, written->category);
	feed->allows = c->config->categories[feed->category].action == ACTION_ALLOW;
	feed->options.lenient_tlp = !written->strict_tlp;
	feed->options.lenient_pap = !written->strict_pap;
	if (was_written(&written->at, "strict-pap") && !feed->format->has_markings)
		complain(c, &written->at, "strict-pap", "only entries of MISP and STIX are marked so, and this is %s",
			feed->format->name);
	feed->options.own_organisation = c->config->organisation.uuid;
	feed->options.own_identity = c->config->organisation.identity;
	feed->options.own_by_weir = feed->format->layout == LAYOUT_LISTING;
	feed->options.detection_only = written->detection_only;
	feed->options.min_confidence = written->min_confidence;
	static const char *const of_stix[] = {"detection-only", "min-confidence"};
	for (unsigned i = 0; i < sizeof of_stix / sizeof *of_stix; i++)
		if (was_written(&written->at, of_stix[i]) && !feed->format->is_stix)
			complain(c, &written->at, of_stix[i], "only indicators of STIX tell it, and this is %s",
				feed->format->name);
	read_map(c, feed, written);
	read_age(c, feed, written);
}
