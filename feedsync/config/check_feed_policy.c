/* SPDX-License-Identifier: BSD-3-Clause */
/* What a feed's entries mean: their category and action, by feed and by what MISP says of each; and for how long. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "feedsync/base/maxima.h"
#include "feedsync/base/xalloc.h"
#include "feedsync/config/check.h"
#include "feedsync/formats/misp/misp_map.h"

/* The category of that name in the file; 0 with a complaint if there is none. */
static uint16_t named_category(struct check *c, const char *key, const char *name)
{
	int category = find_category(c->config, name);
	if (category >= 0 && (size_t)category < c->written_categories)
		return (uint16_t)category;
	complain(c, key, "there is no category \"%s\"", name);
	return 0;
}

/* A feed's own action makes a category of its own: "phishing:log", which differs from the one it is a variant of in
 * what it does, for everybody but the groups that the category does not concern. So a table needs to know nothing new,
 * and every feed that is on trial shares it. */
static uint16_t variant(struct check *c, uint16_t category, const char *action_name)
{
	struct config *config = c->config;
	const struct category_policy *original = &config->categories[category];
	char name[POLICY_MAX_NAME + 20];
	if (original->action == ACTION_ALLOW) {
		complain(c, "action", "category %s is one of names that pass; nothing else can be done to them",
			original->name);
		return category;
	}
	enum action action = read_action(c, original, action_name);
	snprintf(name, sizeof name, "%s:%s", original->name, action_text(action));
	int found = find_category(config, name);
	if (found >= 0 && (size_t)found >= c->written_categories)
		return (uint16_t)found;
	if (found >= 0 || strlen(name) > POLICY_MAX_NAME || config->category_count == POLICY_MAX_CATEGORIES - 1) {
		complain(c, "action", "this needs a category \"%s\", %s", name,
			found >= 0                       ? "which is another one's name"
			: strlen(name) > POLICY_MAX_NAME ? "which is too long a name"
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

static uint16_t category_of(struct check *c, const char *key, const char *name, const char *action)
{
	uint16_t category = named_category(c, key, name);
	return action ? variant(c, category, action) : category;
}

static bool is_misp(const struct feed_config *feed)
{
	return feed->format && feed->format->is_misp;
}

static uint64_t read_level(struct check *c, const char *text)
{
	uint64_t level = 1;
	while (misp_threat_level(level) && strcmp(misp_threat_level(level), text) != 0)
		level++;
	if (!misp_threat_level(level))
		complain(c, "map", "\"%s\" is no threat level: high, medium, low or undefined", text);
	return level;
}

static void read_map(struct check *c, struct feed_config *feed, const struct raw_feed *raw)
{
	struct misp_map *map = xcalloc(raw->map_count, sizeof *map);
	feed->options.map = map;
	feed->options.map_count = raw->map_count;
	if (raw->map_count > 0 && !is_misp(feed))
		complain(c, "map", "only what is said in MISP can be mapped");
	for (unsigned i = 0; i < raw->map_count; i++) {
		const struct raw_map *line = &raw->map[i];
		map[i] = (struct misp_map){.tag = line->tag,
			.misp_category = line->misp_category,
			.threat_level = line->threat_level ? read_level(c, line->threat_level) : 0,
			.category = category_of(c, "map", line->category, raw->action)};
		if (!line->tag && !line->misp_category && !line->threat_level)
			complain(c, "map", "a line of it has a tag, a misp-category or a threat-level");
		if ((c->config->categories[map[i].category].action == ACTION_ALLOW) != feed->allows)
			complain(c, "map", "a feed's entries are blocked or let pass, not the one and the other");
	}
}

static void read_age(struct check *c, struct feed_config *feed, const struct raw_feed *raw)
{
	bool fields = feed->format && feed->format->has_fields;
	feed->options.seen = raw->seen;
	if (raw->max_age)
		feed->options.max_age_s = read_duration(c, "max-age", raw->max_age, MAX_AGE_S);
	if (raw->seen && !fields)
		complain(c, "seen", "this format has no fields");
	else if (raw->seen && !raw->max_age)
		complain(c, "seen", "this says nothing without max-age");
	if (raw->max_age && !raw->seen && !is_misp(feed))
		complain(c, "max-age", "%s",
			fields ? "it must be told which field holds the time (seen: NAME)"
			       : "this format does not tell when an entry was seen");
}

void check_feed_policy(struct check *c, struct feed_config *feed, const struct raw_feed *raw)
{
	feed->category = category_of(c, "category", raw->category ? raw->category : "malicious", raw->action);
	feed->allows = c->config->categories[feed->category].action == ACTION_ALLOW;
	feed->options.lenient_tlp = raw->strict_tlp == CHOICE_NO;
	feed->options.lenient_pap = raw->strict_pap == CHOICE_NO;
	if (raw->strict_pap != CHOICE_NONE && !is_misp(feed))
		complain(c, "strict-pap", "only entries of MISP are marked so");
	read_map(c, feed, raw);
	read_age(c, feed, raw);
}

void config_print_feed_policy(const struct config *config, const struct feed_config *feed)
{
	if (feed->options.lenient_pap)
		printf(", PAP:RED and PAP:AMBER taken");
	if (feed->options.max_age_s > 0)
		printf(", nothing seen last more than %u s ago", feed->options.max_age_s);
	if (feed->max_unchanged_s > 0)
		printf(", told of when unchanged for %u s", feed->max_unchanged_s);
	for (size_t i = 0; i < feed->options.map_count; i++) {
		const struct misp_map *line = &feed->options.map[i];
		const struct category_policy *category = &config->categories[line->category];
		printf("\n ");
		if (line->tag)
			printf(" tag %s,", line->tag);
		if (line->misp_category)
			printf(" MISP category %s,", line->misp_category);
		if (line->threat_level)
			printf(" threat level %s,", misp_threat_level(line->threat_level));
		printf(" category %s (%s)", category->name, action_text(category->action));
	}
}
