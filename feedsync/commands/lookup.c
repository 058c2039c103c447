/* SPDX-License-Identifier: BSD-3-Clause */
/* `feedsync lookup`: what a table decides for names. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "feedsync/base/clean.h"
#include "feedsync/base/json.h"
#include "feedsync/base/log.h"
#include "feedsync/base/xalloc.h"
#include "feedsync/commands/commands.h"
#include "feedsync/commands/sources.h"
#include "feedsync/entries/normalise.h"
#include "libweir/dump.h"
#include "libweir/errors.h"
#include "libweir/groups.h"
#include "libweir/table.h"

/* For whom names are looked up. */
struct asker {
	const struct table *table;
	uint16_t group;
	bool json;
};

/* What is printed of a name. A text is NULL where nothing is to be said. */
struct result {
	const char *name, *decision, *rule, *scope, *action;
	struct source *sources;
	size_t count;
};

static const char *or_dash(const char *text)
{
	return text ? text : "-";
}

static void print_result(const struct asker *asker, const struct result *r)
{
	const struct policy *policy = table_policy(asker->table);
	if (!asker->json) {
		char *feeds = feeds_text(policy, r->sources, r->count);
		char *categories = categories_text(policy, r->sources, r->count);
		printf("%s\t%s\t%s\t%s\t%s\t%s\t%s\n", r->name, r->decision, or_dash(r->rule), or_dash(r->scope),
			or_dash(r->action), feeds ? feeds : "?", categories ? categories : "?");
		free(feeds);
		free(categories);
		return;
	}
	struct node *node = json_answer();
	node_put(node, "name", node_from_text(r->name));
	node_put(node, "decision", node_from_text(r->decision));
	node_put(node, "rule", node_from_text(r->rule));
	node_put(node, "scope", node_from_text(r->scope));
	node_put(node, "action", node_from_text(r->action));
	node_put(node, "feeds", feeds_json(policy, r->sources, r->count));
	node_put(node, "categories", categories_json(policy, r->sources, r->count));
	json_show_line(node);
	node_free(node);
}

/* The sources of a verdict: those in effect or, where nothing blocks, those of the rule itself. */
static size_t sources_of(const struct verdict *verdict, struct source *sources)
{
	size_t count = 0;
	if (verdict->decision == DECISION_BLOCK) {
		memcpy(sources, verdict->effective, verdict->effective_count * sizeof *sources);
		return verdict->effective_count;
	}
	for (unsigned i = 0; i < verdict->own_count; i++)
		if (verdict->own[i].kind != RULE_BLOCK)
			sources[count++] = verdict->own[i].source;
	return count;
}

/* Prints one result line. Returns 1 if the name is blocked, 0 if not, 2 if the text is not a name. */
static int lookup_name(const struct asker *asker, const char *asked)
{
	name_storage wire;
	char text[NAME_MAX_TEXT];
	int wire_length = normalise_question(asked, strlen(asked), wire);
	clean_text(text, sizeof text, asked);
	if (wire_length < 0) {
		log_error("%s: %s", text, error_text(wire_length));
		return EXIT_TROUBLE;
	}
	struct match match;
	if (!table_lookup(asker->table, wire, (size_t)wire_length, &match)) {
		print_result(asker, &(struct result){.name = text, .decision = "pass"});
		return 0;
	}
	const struct policy *policy = table_policy(asker->table);
	const struct verdict *verdict = &policy->verdicts[match.verdict];
	size_t most = verdict->own_count > verdict->effective_count ? verdict->own_count : verdict->effective_count;
	char rule[NAME_MAX_TEXT];
	name_to_text(wire + match.rule_offset, (size_t)wire_length - match.rule_offset, rule);
	enum action action = verdict_effect(verdict, policy, asker->group, false).action;
	struct result result = {.name = text,
		.decision = decision_text(verdict, action),
		.rule = rule,
		.scope = scope_text(match.scope),
		.action = verdict->decision == DECISION_PASS ? NULL : action_text(action),
		.sources = xcalloc(most, sizeof *result.sources)};
	result.count = sources_of(verdict, result.sources);
	print_result(asker, &result);
	free(result.sources);
	return verdict->decision == DECISION_BLOCK && action > ACTION_LOG;
}

static int worse_code(int a, int b)
{
	return a > b ? a : b;
}

static int lookup_lines(const struct asker *asker)
{
	char *line = NULL;
	size_t room = 0;
	int code = 0;
	for (ssize_t n; (n = getline(&line, &room, stdin)) > 0;) {
		while (n > 0 && strchr("\n\r \t", line[n - 1]))
			line[--n] = '\0';
		if (n > 0)
			code = worse_code(code, lookup_name(asker, line));
	}
	free(line);
	if (ferror(stdin)) {
		log_error("cannot read: %s", error_text(-errno));
		return EXIT_TROUBLE;
	}
	return code;
}

/* Reads the address of --client; its length is 0 where the option is missing. Returns false if it is not an address. */
static bool read_client(const struct invocation *invocation, struct client_prefix *client)
{
	const char *address = option_value(invocation, "--client");
	*client = (struct client_prefix){.length = 0};
	return !address || (prefix_from_text(address, client) && !strchr(address, '/'));
}

static int check_lookup_arguments(const struct invocation *invocation)
{
	struct client_prefix client;
	return read_client(invocation, &client) ? 0
						: usage_error(invocation->command, "\"%.100s\" is not an address",
							  option_value(invocation, "--client"));
}

static int cmd_lookup(struct invocation *invocation)
{
	struct client_prefix client;
	const char *path = invocation->arguments[0];
	struct table *table;
	struct why why;
	if (!read_client(invocation, &client))
		return EXIT_TROUBLE;
	if (table_open(&table, path, &why) != 0) {
		log_error("%s: %s", path, why.text);
		return EXIT_TROUBLE;
	}
	const struct asker asker = {.table = table,
		.group = client.length > 0 ? group_of(table_policy(table), client.address) : GROUP_DEFAULT,
		.json = option_given(invocation, "--json")};
	int code = 0;
	for (int i = 1; i < invocation->argument_count; i++)
		code = worse_code(code, lookup_name(&asker, invocation->arguments[i]));
	if (invocation->argument_count == 1)
		code = lookup_lines(&asker);
	table_close(&table);
	return code;
}

const struct command command_lookup = {
	.word = "lookup",
	.usage = "[--json] [--client ADDRESS] TABLE [NAME...]",
	.summary = "tell what a table decides for names",
	.text = "Names come from the command line or, if none is there, one a line from standard input. Prints a line "
		"for each,\n"
		"separated by tabs: name, decision (block, log, allow, pass), rule, scope, action, feeds, "
		"categories.\n",
	.arguments = "FILE",
	.min_arguments = 1,
	.max_arguments = -1,
	.options_first = true,
	.options = {{"--client", "ADDRESS", NULL,
			    "decide as for a client with this address (default: one in no group)"},
		{"--json", NULL, NULL, "print a JSON object a line"}},
	.exits = {{EXIT_WELL, "no name is blocked"}, {EXIT_ATTENTION, "at least one name is blocked"},
		{EXIT_TROUBLE, "the table cannot be read, or a name is none"}},
	.check = check_lookup_arguments,
	.run = cmd_lookup,
};
