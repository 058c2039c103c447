/* SPDX-License-Identifier: BSD-3-Clause */
/* Groups: which clients get other actions. */
#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "feedsync/base/lines.h"
#include "feedsync/base/log.h"
#include "feedsync/base/regular_file.h"
#include "feedsync/base/xalloc.h"
#include "feedsync/config/check.h"
#include "feedsync/config/option_values.h"
#include "libweir/errors.h"
#include "libweir/groups.h"

/* Every prefix of every group. */
struct clients {
	struct client_prefix *prefix;
	size_t count, room;
};

static void add_client(struct check *c, struct clients *clients, const struct client_prefix *prefix)
{
	clients->prefix = xgrow(clients->prefix, clients->count, &clients->room, 64, sizeof *clients->prefix);
	clients->prefix[clients->count] = *prefix;
	clients->prefix[clients->count++].group = (uint8_t)c->config->group_count;
}

/* A line of a file of prefixes; "#" begins a comment. */
static void read_client_line(
	struct check *c, struct clients *clients, const struct written_group *written, const struct lines *lines)
{
	char text[100];
	struct client_prefix prefix;
	size_t length = strcspn(lines->length > 0 ? lines->text : "", "#\r\n");
	length = length > lines->length ? lines->length : length;
	while (length > 0 && (lines->text[length - 1] == ' ' || lines->text[length - 1] == '\t'))
		length--;
	snprintf(text, sizeof text, "%.*s", (int)(length < sizeof text ? length : sizeof text), lines->text);
	if (length == 0)
		return;
	if (prefix_from_text(text, &prefix))
		add_client(c, clients, &prefix);
	else
		complain(c, &written->at, "clients-file", "%s:%llu: \"%.100s\": %s", written->clients_file,
			(unsigned long long)lines->number, text, prefix_fault(text));
}

static void read_clients_file(struct check *c, struct clients *clients, const struct written_group *written)
{
	FILE *in;
	struct why why;
	if (regular_file_open(&in, written->clients_file, &why) != 0) {
		complain(c, &written->at, "clients-file", "%s: %s", written->clients_file, why.text);
		return;
	}
	struct lines *lines = xcalloc(1, sizeof *lines);
	int status = 1;
	lines_begin(lines, in);
	while (clients->count <= POLICY_MAX_PREFIXES && (status = lines_next(lines)) > 0)
		read_client_line(c, clients, written, lines);
	if (status < 0)
		complain(c, &written->at, "clients-file", "%s: %s", written->clients_file, error_text(status));
	fclose(in);
	free(lines);
}

static bool action_needs_more(const char *text)
{
	enum action action;
	return action_from_text(text, &action) == 0 && action_need(action) != NEEDS_NOTHING;
}

static void read_group_actions(struct check *c, struct group_policy *group, const struct written_group *written)
{
	const struct config *config = c->config;
	for (size_t i = 0; i < config->category_count; i++) {
		const struct category_policy *category = &config->categories[i];
		/* Nobody wrote what an action may need into an implied category. */
		bool implied =
			(i == 0 && c->malicious_implied) || (i + 1 == config->category_count && c->allow_implied);
		bool takes = written->action && !(implied && action_needs_more(written->action));
		group->action[i] =
			(uint8_t)(takes ? read_action(c, &written->at, category, written->action) : category->action);
	}
	for (unsigned i = 0; i < written->categories.count; i++) {
		const struct written_group_category *item = &written->categories.item[i];
		int category = find_category(config, item->name);
		if (category < 0)
			complain(c, &item->at, "name", "there is no category \"%s\"", item->name);
		else
			group->action[category] =
				(uint8_t)read_action(c, &item->at, &config->categories[category], item->action);
	}
}

static void check_group(struct check *c, struct clients *clients, const struct written_group *written)
{
	struct config *config = c->config;
	struct group_policy *group = &config->groups[config->group_count++];
	for (size_t i = 0; i + 1 < config->group_count; i++)
		if (strcmp(config->groups[i].name, written->name) == 0)
			complain(c, &written->at, "name", "this group is there already");
	snprintf(group->name, sizeof group->name, "%s", written->name);
	read_group_actions(c, group, written);
	for (unsigned i = 0; i < written->clients.count; i++) {
		struct client_prefix prefix;
		if (prefix_from_text(written->clients.text[i], &prefix))
			add_client(c, clients, &prefix);
	}
	if (written->clients_file)
		read_clients_file(c, clients, written);
}

static void check_clients(struct check *c, struct clients *clients)
{
	const struct written *at = &c->file->at;
	prefixes_sort(clients->prefix, clients->count);
	for (size_t i = 1; i < clients->count; i++) {
		const struct client_prefix *a = &clients->prefix[i - 1], *b = &clients->prefix[i];
		if (a->length != b->length || memcmp(a->address, b->address, ADDRESS_LENGTH) != 0)
			continue;
		char text[INET6_ADDRSTRLEN];
		inet_ntop(AF_INET6, a->address, text, sizeof text);
		complain(c, at, "groups", "%s/%u is named twice, in the groups %s and %s", text, a->length,
			c->config->groups[a->group - 1].name, c->config->groups[b->group - 1].name);
		return;
	}
	if (clients->count > POLICY_MAX_PREFIXES) {
		complain(c, at, "groups", "more than %d prefixes", POLICY_MAX_PREFIXES);
		return;
	}
	if (clients->count > 0 &&
		ranges_make(clients->prefix, clients->count, &c->config->ranges, &c->config->range_count) != 0) {
		log_error("out of memory");
		exit(2);
	}
}

void check_groups(struct check *c)
{
	struct clients clients = {0};
	for (unsigned i = 0; i < c->file->groups.count; i++)
		check_group(c, &clients, &c->file->groups.item[i]);
	check_clients(c, &clients);
	free(clients.prefix);
}
