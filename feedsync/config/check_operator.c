/* SPDX-License-Identifier: BSD-3-Clause */
/* The operator's own lists, `allow` and `block`. */
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "feedsync/base/maxima.h"
#include "feedsync/config/check.h"
#include "feedsync/entries/normalise.h"
#include "feedsync/entries/self_test.h"

/* "2026-12-24": the end of that day, UTC. "2026-12-24T08:00Z", "2026-12-24T09:00:30+01:00": that moment. */
static bool read_moment(const char *text, uint64_t *at)
{
	static const char *const formats[] = {"%Y-%m-%d", "%Y-%m-%dT%H:%M%z", "%Y-%m-%dT%H:%M:%S%z"};
	for (unsigned i = 0; i < sizeof formats / sizeof *formats; i++) {
		struct tm tm = {0};
		const char *end = strptime(text, formats[i], &tm);
		if (!end || *end)
			continue;
		long offset = tm.tm_gmtoff;
		int day = tm.tm_mday;
		time_t moment = timegm(&tm);
		*at = (uint64_t)(moment - offset + (i == 0 ? ONE_DAY_S : 0));
		return tm.tm_mday == day && moment > 0; /* there is no 30th of February */
	}
	return false;
}

/* Nobody may block the operator's own infrastructure, not even he. */
static void check_own(struct check *c, const struct operator_item *item)
{
	const struct nameset *own = &c->config->guard.own;
	struct namekey key;
	namekey_of(&key, item->wire, item->length);
	if (item->kind == RULE_BLOCK &&
		(nameset_above(own, &key) || (item->scope == SCOPE_SUBTREE && nameset_below(own, &key))))
		complain(c, "name", "this would block a name of the guard's list `own`");
}

static void check_item(struct check *c, const struct raw_item *raw, enum rule_kind kind)
{
	struct operator_item *item = &c->config->operator_lists.item[c->config->operator_lists.count++];
	enum reject reject;
	c->item = raw->name;
	*item = (struct operator_item){
		.kind = kind,
		.scope = SCOPE_SUBTREE,
		.reason = raw->reason ? raw->reason : "",
		.author = raw->author ? raw->author : "",
		.expires = raw->expires ? raw->expires : "",
	};
	if (raw->scope && scope_from_text(raw->scope, &item->scope) != 0)
		complain(c, "scope", "\"%s\" is neither exact nor subtree", raw->scope);
	if (raw->expires && !read_moment(raw->expires, &item->expires_at))
		complain(c, "expires", "\"%s\" is neither a day (2026-12-24) nor a moment (2026-12-24T08:00Z)",
			raw->expires);
	int length = normalise(raw->name, strlen(raw->name), item->wire, &reject);
	if (length < 0) {
		complain(c, "name", "%s", reject_text(reject));
		return;
	}
	item->length = (uint8_t)length;
	check_own(c, item);
	if (self_test_reached(&(struct rule){item->wire, item->length, item->scope, kind}))
		complain(c, "name", "this would reach " SELF_TEST_NAME ", which every table blocks for everybody");
}

void check_operator_category(struct check *c)
{
	if (c->raw->allow_count == 0)
		return;
	static char name[] = OPERATOR_CATEGORY, action[] = "allow";
	int category = find_category(c->config, OPERATOR_CATEGORY);
	c->allow_implied = category < 0;
	c->section = NULL;
	if (category < 0)
		check_category(c, &(struct raw_category){.name = name, .action = action});
	else if (c->config->categories[category].action != ACTION_ALLOW)
		complain(c, "categories", "the action of the category \"%s\" must be allow: the list `allow` is of it",
			name);
}

void check_operator(struct check *c)
{
	struct config *config = c->config;
	c->section = "allow";
	for (c->index = 0; c->index < c->raw->allow_count; c->index++)
		check_item(c, &c->raw->allow[c->index], RULE_ALLOW);
	c->section = "block";
	for (c->index = 0; c->index < c->raw->block_count; c->index++)
		check_item(c, &c->raw->block[c->index], RULE_BLOCK);
	int allow = find_category(config, OPERATOR_CATEGORY), block = find_category(config, "malicious");
	uint16_t feed = (uint16_t)config->feed_count;
	config->operator_lists.allow = (struct source){feed, (uint16_t)(allow < 0 ? 0 : allow)};
	config->operator_lists.block = (struct source){feed, (uint16_t)(block < 0 ? 0 : block)};
	struct feed_policy *policy = &config->feed_policies[feed];
	snprintf(policy->name, sizeof policy->name, "%s", OPERATOR_FEED);
	policy->check_targets = true;
}
