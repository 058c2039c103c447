/* SPDX-License-Identifier: BSD-3-Clause */
/* What clients get: categories and groups. */
#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "feedsync/base/lines.h"
#include "feedsync/base/log.h"
#include "feedsync/base/maxima.h"
#include "feedsync/base/regular_file.h"
#include "feedsync/base/xalloc.h"
#include "feedsync/config/check.h"
#include "feedsync/entries/normalise.h"
#include "feedsync/entries/self_test.h"
#include "libweir/errors.h"
#include "libweir/groups.h"

int find_category(const struct config *config, const char *name)
{
	for (size_t i = 0; i < config->category_count; i++)
		if (strcmp(config->categories[i].name, name) == 0)
			return (int)i;
	return -1;
}

/* ---- categories ---- */

static void read_redirect(struct check *c, struct category_policy *category, const char *text)
{
	enum reject reject;
	int length = normalise(text, strlen(text), category->redirect, &reject);
	if (length < 0)
		complain(c, "redirect", "\"%s\" is no name of a host: %s", text, reject_text(reject));
	else
		category->redirect_length = (uint8_t)length;
}

enum action read_action(struct check *c, const struct category_policy *category, const char *text)
{
	enum action action;
	if (action_from_text(text, &action) != 0)
		complain(c, "action",
			"\"%s\" is none of nxdomain, nodata, refused, drop, truncate, sinkhole, redirect, log, allow",
			text);
	else if (action == ACTION_REDIRECT && category->redirect_length == 0)
		complain(c, "action", "category %s has no name to redirect to (redirect: NAME)", category->name);
	else if (action == ACTION_SINKHOLE && !category->has_ipv4 && !category->has_ipv6)
		complain(c, "action", "category %s has no address for a sinkhole (ipv4: or ipv6:)", category->name);
	else
		return action;
	return category->action;
}

void check_category(struct check *c, const struct raw_category *raw)
{
	c->item = raw->name;
	struct category_policy *category = &c->config->categories[c->config->category_count];
	*category = (struct category_policy){.action = ACTION_NXDOMAIN, .ede = 15, .ttl_s = 30};
	snprintf(category->name, sizeof category->name, "%s", raw->name);
	if (!policy_name_valid(raw->name))
		complain(c, "name", "a category's name has 1 to %d printable characters, no blank, comma, backslash",
			POLICY_MAX_NAME);
	else if (find_category(c->config, raw->name) >= 0 || strcmp(raw->name, SELF_TEST_FEED) == 0)
		complain(c, "name", "this category is there already");
	if (raw->ipv4 && !(category->has_ipv4 = inet_pton(AF_INET, raw->ipv4, category->ipv4) == 1))
		complain(c, "ipv4", "\"%s\" is no IPv4 address", raw->ipv4);
	if (raw->ipv6 && !(category->has_ipv6 = inet_pton(AF_INET6, raw->ipv6, category->ipv6) == 1))
		complain(c, "ipv6", "\"%s\" is no IPv6 address", raw->ipv6);
	if (raw->redirect)
		read_redirect(c, category, raw->redirect);
	if (raw->action)
		category->action = read_action(c, category, raw->action);
	if (raw->ede && *raw->ede > 65535)
		complain(c, "ede", "an EDE code is at most 65535");
	else if (raw->ede)
		category->ede = (uint16_t)*raw->ede;
	if (raw->ttl && *raw->ttl > POLICY_MAX_TTL)
		complain(c, "ttl", "a TTL is at most %d seconds", POLICY_MAX_TTL);
	else if (raw->ttl)
		category->ttl_s = *raw->ttl;
	if (raw->text && strlen(raw->text) > POLICY_MAX_TEXT)
		complain(c, "text", "a text has at most %d characters", POLICY_MAX_TEXT);
	snprintf(category->text, sizeof category->text, "%s", raw->text ? raw->text : "");
	c->config->category_count++;
}

/* ---- groups ---- */

/* Every prefix of every group. */
struct clients {
	struct client_prefix *prefix;
	size_t count, room;
};

static void add_client(struct check *c, struct clients *clients, const char *text, const char *key, const char *place)
{
	struct client_prefix prefix = {.group = (uint8_t)c->config->group_count};
	if (!prefix_from_text(text, &prefix)) {
		complain(c, key, "%s\"%.100s\" is no address, nor a prefix without bits set behind its length", place,
			text);
		return;
	}
	clients->prefix = xgrow(clients->prefix, clients->count, &clients->room, 64, sizeof *clients->prefix);
	clients->prefix[clients->count++] = prefix;
}

/* A file of prefixes, one a line, "#" begins a comment. */
static void read_clients_file(struct check *c, struct clients *clients, const char *path)
{
	FILE *in;
	struct why why;
	if (regular_file_open(&in, path, &why) != 0) {
		complain(c, "clients-file", "%s: %s", path, why.text);
		return;
	}
	struct lines *lines = xcalloc(1, sizeof *lines);
	int status = 1;
	lines_begin(lines, in);
	while (clients->count <= POLICY_MAX_PREFIXES && (status = lines_next(lines)) > 0) {
		char text[100], place[4096];
		size_t length = strcspn(lines->length > 0 ? lines->text : "", "#\r\n");
		length = length > lines->length ? lines->length : length;
		while (length > 0 && (lines->text[length - 1] == ' ' || lines->text[length - 1] == '\t'))
			length--;
		snprintf(text, sizeof text, "%.*s", (int)(length < sizeof text ? length : sizeof text), lines->text);
		snprintf(place, sizeof place, "%s:%llu: ", path, (unsigned long long)lines->number);
		if (length > 0)
			add_client(c, clients, text, "clients-file", place);
	}
	if (status < 0)
		complain(c, "clients-file", "%s: %s", path, error_text(status));
	fclose(in);
	free(lines);
}

static bool action_needs_more(const char *text)
{
	return strcmp(text, "sinkhole") == 0 || strcmp(text, "redirect") == 0;
}

static void check_group(struct check *c, struct clients *clients, const struct raw_group *raw)
{
	struct config *config = c->config;
	struct group_policy *group = &config->groups[config->group_count++];
	c->item = raw->name;
	if (!policy_name_valid(raw->name))
		complain(c, "name", "a group's name has 1 to %d printable characters, no blank, comma, backslash",
			POLICY_MAX_NAME);
	for (size_t i = 0; i + 1 < config->group_count; i++)
		if (strcmp(config->groups[i].name, raw->name) == 0)
			complain(c, "name", "this group is there already");
	snprintf(group->name, sizeof group->name, "%s", raw->name);
	for (size_t i = 0; i < config->category_count; i++) {
		const struct category_policy *category = &config->categories[i];
		/* Nobody gave it what an action may need. */
		bool implied =
			(i == 0 && c->malicious_implied) || (i + 1 == config->category_count && c->allow_implied);
		group->action[i] = (uint8_t)(raw->action && !(implied && action_needs_more(raw->action))
						     ? read_action(c, category, raw->action)
						     : category->action);
	}
	for (unsigned i = 0; i < raw->categories_count; i++) {
		int category = find_category(config, raw->categories[i].name);
		if (category < 0)
			complain(c, "categories", "there is no category \"%s\"", raw->categories[i].name);
		else
			group->action[category] =
				(uint8_t)read_action(c, &config->categories[category], raw->categories[i].action);
	}
	for (unsigned i = 0; i < raw->clients_count; i++)
		add_client(c, clients, raw->clients[i], "clients", "");
	if (raw->clients_file)
		read_clients_file(c, clients, raw->clients_file);
}

static void check_clients(struct check *c, struct clients *clients)
{
	prefixes_sort(clients->prefix, clients->count);
	for (size_t i = 1; i < clients->count; i++) {
		const struct client_prefix *a = &clients->prefix[i - 1], *b = &clients->prefix[i];
		if (a->length != b->length || memcmp(a->address, b->address, ADDRESS_LENGTH) != 0)
			continue;
		char text[INET6_ADDRSTRLEN];
		inet_ntop(AF_INET6, a->address, text, sizeof text);
		complain(c, "groups", "%s/%u is named twice, in the groups %s and %s", text, a->length,
			c->config->groups[a->group - 1].name, c->config->groups[b->group - 1].name);
		return;
	}
	if (clients->count > POLICY_MAX_PREFIXES) {
		complain(c, "groups", "more than %d prefixes", POLICY_MAX_PREFIXES);
		return;
	}
	if (clients->count > 0 &&
		ranges_make(clients->prefix, clients->count, &c->config->ranges, &c->config->range_count) != 0) {
		log_error("out of memory");
		exit(2);
	}
}

void check_groups(struct check *check, const struct raw_group *raw, unsigned count)
{
	struct clients clients = {0};
	check->section = "groups";
	for (check->index = 0; check->index < count; check->index++)
		check_group(check, &clients, &raw[check->index]);
	check->section = NULL;
	check_clients(check, &clients);
	free(clients.prefix);
}
