/* SPDX-License-Identifier: BSD-3-Clause */
/* The operator's own lists, `allow` and `block`. */
#include <stdio.h>
#include <string.h>

#include "feedsync/config/check.h"
#include "feedsync/config/option_values.h"
#include "feedsync/entries/normalise.h"
#include "feedsync/entries/self_test.h"

/* Complains about an item that blocks the operator's own infrastructure. Not even the operator may. */
static void check_own(struct check *c, const struct written *at, const struct operator_item *item)
{
	if (operator_blocks_own(item, &c->config->guard.own))
		complain(c, at, "name", "this would block a name of the guard's list `own`");
}

/* What an item of `block` has besides. */
static void read_block_item(struct check *c, struct operator_item *item, const struct written_operator_item *written)
{
	int category = find_written_category(c, written->category);
	item->share = written->share;
	if (written->tlp && !tlp_from_text(written->tlp, &item->tlp))
		item->tlp = TLP_NONE; /* the table of options lets no other word pass */
	if (category < 0)
		complain(c, &written->at, "category", "there is no category \"%s\"", written->category);
	else if (c->config->categories[category].action == ACTION_ALLOW)
		complain(c, &written->at, "category", "the action of \"%s\" is allow, and this is the list `block`",
			written->category);
	item->has_category = category >= 0;
	item->category = (uint16_t)(category < 0 ? 0 : category);
}

static void check_item(struct check *c, const struct written_operator_item *written, enum rule_kind kind)
{
	struct operator_item *item = &c->config->operator_lists.item[c->config->operator_lists.count++];
	enum reject reject;
	int length = normalise_operator(written->name, strlen(written->name), item->wire, &reject);
	item->length = (uint8_t)(length > 0 ? length : 0);
	item->kind = kind;
	item->report = written->report;
	item->reason = written->reason ? written->reason : "";
	item->author = written->author ? written->author : "";
	item->expires = written->expires ? written->expires : "";
	/* The table of options lets nothing else pass. */
	if (scope_from_text(written->scope, &item->scope) != 0)
		item->scope = SCOPE_SUBTREE;
	if (!written->expires || !moment_read(written->expires, &item->expires_at))
		item->expires_at = 0;
	if (kind == RULE_ALLOW && operator_is_single(item))
		complain(c, &written->at, "name", "single label; a top-level domain can stand in `block` only");
	if (kind == RULE_BLOCK)
		read_block_item(c, item, written);
	check_own(c, &written->at, item);
	if (self_test_reached(&(struct rule){item->wire, item->length, item->scope, kind}))
		complain(c, &written->at, "name",
			"this would reach " SELF_TEST_NAME ", which every table blocks for everybody");
}

void check_operator(struct check *c)
{
	const struct written_file *file = c->file;
	struct config *config = c->config;
	for (unsigned i = 0; i < file->allow.count; i++)
		check_item(c, &file->allow.item[i], RULE_ALLOW);
	for (unsigned i = 0; i < file->block.count; i++)
		check_item(c, &file->block.item[i], RULE_BLOCK);
	int allow = find_category(config, OPERATOR_CATEGORY), block = find_category(config, DEFAULT_CATEGORY);
	uint16_t feed = (uint16_t)config->feed_count;
	config->operator_lists.allow = (struct source){feed, (uint16_t)(allow < 0 ? 0 : allow)};
	config->operator_lists.block = (struct source){feed, (uint16_t)(block < 0 ? 0 : block)};
	struct feed_policy *policy = &config->feed_policies[feed];
	snprintf(policy->name, sizeof policy->name, "%s", OPERATOR_FEED);
	policy->check_targets = true;
}
