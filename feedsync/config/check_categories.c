/* SPDX-License-Identifier: BSD-3-Clause */
/* What clients get, by category. */
#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>

#include "feedsync/config/check.h"
#include "feedsync/config/yaml.h"
#include "feedsync/entries/mailbox.h"
#include "feedsync/entries/normalise.h"
#include "feedsync/entries/self_test.h"

int find_category(const struct config *config, const char *name)
{
	for (size_t i = 0; i < config->category_count; i++)
		if (strcmp(config->categories[i].name, name) == 0)
			return (int)i;
	return -1;
}

int find_written_category(const struct check *c, const char *name)
{
	int category = find_category(c->config, name);
	return category >= 0 && (size_t)category < c->written_categories ? category : -1;
}

enum action read_action(
	struct check *c, const struct written *at, const struct category_policy *category, const char *text)
{
	enum action action;
	if (action_from_text(text, &action) != 0)
		return category->action; /* the table of options lets no other word pass */
	if (action == ACTION_REDIRECT && category->redirect_length == 0)
		complain(c, at, "action", "category %s has no name to redirect to; add \"redirect: NAME\" to it",
			category->name);
	else if (action == ACTION_SINKHOLE && !category->has_ipv4 && !category->has_ipv6)
		complain(c, at, "action", "category %s has no address for a sinkhole; add \"ipv4:\" or \"ipv6:\" to it",
			category->name);
	else
		return action;
	return category->action;
}

void add_category(struct check *c, const struct written_category *written)
{
	enum reject reject;
	struct category_policy *category = &c->config->categories[c->config->category_count];
	*category = (struct category_policy){
		.action = ACTION_NXDOMAIN, .ede = (uint16_t)written->ede, .ttl_s = written->ttl_s};
	snprintf(category->name, sizeof category->name, "%s", written->name);
	snprintf(category->text, sizeof category->text, "%s", written->text ? written->text : "");
	if (find_category(c->config, written->name) >= 0 || strcmp(written->name, SELF_TEST_FEED) == 0)
		complain(c, &written->at, "name", "this category is there already");
	category->has_ipv4 = written->ipv4 && inet_pton(AF_INET, written->ipv4, category->ipv4) == 1;
	category->has_ipv6 = written->ipv6 && inet_pton(AF_INET6, written->ipv6, category->ipv6) == 1;
	int length = written->redirect
			     ? normalise(written->redirect, strlen(written->redirect), category->redirect, &reject)
			     : 0;
	category->redirect_length = (uint8_t)(length > 0 ? length : 0);
	category->action = read_action(c, &written->at, category, written->action);
	c->config->category_count++;
}

/* Adds the category of what the operator allows, in the list `allow` or by `feedsync allow`. A category of that name that
 * does something else keeps him from both. */
static void add_operator_category(struct check *c)
{
	int found = find_category(c->config, OPERATOR_CATEGORY);
	c->allow_implied = found < 0;
	if (found < 0) {
		struct written_category allow = {0};
		section_fill(&category_section, &allow);
		allow.name = OPERATOR_CATEGORY;
		allow.action = action_text(ACTION_ALLOW);
		add_category(c, &allow);
	} else if (c->file->allow.count > 0 && c->config->categories[found].action != ACTION_ALLOW) {
		complain(c, &c->file->at, "categories",
			"the action of the category \"%s\" must be allow, since the list `allow` belongs to it",
			OPERATOR_CATEGORY);
	}
}

void check_contact(struct check *c)
{
	name_storage wire;
	int length = c->file->soa_contact ? mailbox_read(c->file->soa_contact, wire) : -1;
	if (length < 0)
		return; /* the table of options lets no other text pass */
	uint8_t *contact = yaml_alloc(c->document, 1, (size_t)length);
	c->config->contact = memcpy(contact, wire, (size_t)length);
	c->config->contact_length = (uint8_t)length;
}

void check_categories(struct check *c)
{
	bool written = false;
	for (unsigned i = 0; i < c->file->categories.count; i++)
		written |= strcmp(c->file->categories.item[i].name, DEFAULT_CATEGORY) == 0;
	c->malicious_implied = !written;
	if (!written) {
		struct written_category malicious = {0};
		section_fill(&category_section, &malicious);
		malicious.name = DEFAULT_CATEGORY;
		add_category(c, &malicious);
	}
	for (unsigned i = 0; i < c->file->categories.count; i++)
		add_category(c, &c->file->categories.item[i]);
	add_operator_category(c);
	c->written_categories = c->config->written_category_count = c->config->category_count;
}
