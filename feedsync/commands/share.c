/* SPDX-License-Identifier: BSD-3-Clause */
/* `feedsync share`: publishes to others at once, or shows what would be published. */
#include "feedsync/circle/share.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "feedsync/base/json.h"
#include "feedsync/base/log.h"
#include "feedsync/base/timestamp.h"
#include "feedsync/commands/commands.h"
#include "feedsync/sync/last_run.h"
#include "libweir/errors.h"

enum { MOST_SHOWN = 100 /* lines of each kind */ };

/* ---- words ---- */

static void print_planned_item(char sign, const struct item *item, const char *more)
{
	char until[TIMESTAMP_ROOM];
	printf("%c\t%s\t%s\t%s\tTLP %s%s%s%s\n", sign, scope_text(item->scope), item->name, item->category,
		tlp_text(item->marking.tlp), item->expires_at > 0 ? ", until " : "",
		item->expires_at > 0 ? timestamp_text(item->expires_at, until) : "", more);
}

static void print_more(uint64_t count)
{
	if (count > MOST_SHOWN)
		printf("... and %llu more\n", (unsigned long long)count - MOST_SHOWN);
}

/* The items that the release would list, or tell the end of. */
static void print_planned_changes(const struct share_plan *plan, bool ends)
{
	uint64_t count = 0;
	for (size_t i = 0; i < plan->next->count; i++) {
		const struct item *item = &plan->next->items[i];
		if (item->serial == plan->next->serial && (item->state != ITEM_LIVE) == ends && ++count <= MOST_SHOWN)
			print_planned_item(ends ? '-' : '+', item,
				item->state == ITEM_EXPIRED ? ", expired"
				: ends                      ? ", withdrawn"
							    : "");
	}
	print_more(count);
}

static void print_plan(void *context, const struct share_plan *plan)
{
	const struct output *output = plan->output;
	uint64_t withheld = 0;
	(void)context;
	printf("output %s, %s, TLP %s, to %s: %llu names, ", output->name, output->format, tlp_text(output->ceiling),
		output->to, (unsigned long long)plan->counts->live);
	if (plan->refused)
		printf("refused: %s\n", plan->refused);
	else if (plan->changed)
		printf("serial %u would come\n", plan->next->serial);
	else
		printf("unchanged since serial %u\n", plan->before->serial);
	print_planned_changes(plan, false);
	print_planned_changes(plan, true);
	for (size_t i = 0; i < plan->selection->count; i++) {
		const struct selected *selected = &plan->selection->list[i];
		if (selected->withheld != WITHHELD_NOT && ++withheld <= MOST_SHOWN)
			printf("withheld\t%s\t%s\t%s\t%s: %s\n", scope_text(selected->item.scope), selected->item.name,
				selected->item.category, withheld_word(selected->withheld),
				withheld_text(selected->withheld));
	}
	print_more(withheld);
}

/* ---- JSON ---- */

static struct node *planned_json(const struct item *item)
{
	struct node *node = node_object();
	node_put(node, "name", node_from_text(item->name));
	node_put(node, "scope", node_from_text(scope_text(item->scope)));
	node_put(node, "category", node_from_text(item->category));
	node_put(node, "tlp", node_from_text(tlp_text(item->marking.tlp)));
	node_put(node, "expires_at", node_from_number(item->expires_at));
	return node;
}

/* Adds a plan to the JSON list `context`. All names are in it. */
static void add_plan_json(void *context, const struct share_plan *plan)
{
	struct node *node = node_object(), *added = node_array(), *ended = node_array(), *withheld = node_array();
	node_put(node, "output", node_from_text(plan->output->name));
	node_put(node, "items", node_from_number(plan->counts->live));
	node_put(node, "serial", node_from_number(plan->before->serial));
	node_put(node, "changed", node_from_bool(plan->changed));
	node_put(node, "refused", node_from_text(plan->refused));
	for (size_t i = 0; i < plan->next->count; i++) {
		const struct item *item = &plan->next->items[i];
		if (item->serial == plan->next->serial)
			node_append(item->state == ITEM_LIVE ? added : ended, planned_json(item));
	}
	for (size_t i = 0; i < plan->selection->count; i++) {
		const struct selected *selected = &plan->selection->list[i];
		if (selected->withheld == WITHHELD_NOT)
			continue;
		struct node *item = planned_json(&selected->item);
		node_put(item, "reason", node_from_text(withheld_word(selected->withheld)));
		node_append(withheld, item);
	}
	node_put(node, "listed", added);
	node_put(node, "ended", ended);
	node_put(node, "withheld", withheld);
	node_append(context, node);
}

/* ---- the command ---- */

/* Whether each output that is named is one. */
static bool are_outputs(const struct config *config, char **names, int count, const char *accept)
{
	bool all = true, accepted = !accept || count == 0;
	for (int i = -1; i < count; i++) {
		const char *name = i < 0 ? accept : names[i];
		bool unknown = name && !config_find_output(config, name);
		if (unknown)
			log_error("%s: there is no output \"%s\" in `share`", config->path, name);
		all &= !unknown;
		accepted |= i >= 0 && name && accept && strcmp(name, accept) == 0;
	}
	if (!accepted)
		log_error("--accept %s: it is not among the outputs that are named", accept);
	return all && accepted;
}

static int share_exit_code(const struct share_counts *counts)
{
	if (counts->failed == 0)
		return EXIT_WELL;
	return counts->released + counts->unchanged > 0 ? EXIT_ATTENTION : EXIT_TROUBLE;
}

static int share_asked(const struct invocation *invocation, const struct config *config)
{
	bool json = option_given(invocation, "--json"), dry = option_given(invocation, "--dry-run");
	const char *accept = option_value(invocation, "--accept");
	struct node *root = json_answer(), *list = node_array();
	const struct share_request request = {.config = config,
		.outputs = accept && invocation->argument_count == 0 ? &accept
								     : (const char *const *)invocation->arguments,
		.output_count = accept && invocation->argument_count == 0 ? 1 : (size_t)invocation->argument_count,
		.accept = accept,
		.plan = !dry   ? NULL
			: json ? add_plan_json
			       : print_plan,
		.context = list};
	struct share_counts counts;
	struct why why;
	last_run_begin_clock(config);
	int status = share_all(&request, &counts, &why);
	if (status != 0)
		log_error("nothing is shared: %s", why.text);
	node_put(root, "outputs", list);
	if (json && dry)
		json_show(root);
	node_free(root);
	return status != 0 ? EXIT_TROUBLE : share_exit_code(&counts);
}

static int cmd_share(struct invocation *invocation)
{
	if (!are_outputs(invocation->config, invocation->arguments, invocation->argument_count,
		    option_value(invocation, "--accept")))
		return EXIT_TROUBLE;
	if (invocation->config->output_count == 0)
		log_warning("%s: nothing is shared: there is no output; write `organisation` and `share`, see "
			    "feedsync.yaml(5)",
			invocation->config->path);
	return share_asked(invocation, invocation->config);
}

static int check_share_arguments(const struct invocation *invocation)
{
	if (option_given(invocation, "--json") && !option_given(invocation, "--dry-run"))
		return usage_error(
			invocation->command, "--json is for --dry-run; `feedsync status --json` has the rest");
	return 0;
}

const struct command command_share = {
	.word = "share",
	.usage = "[--dry-run [--json]] [--accept OUTPUT] [OUTPUT...]",
	.summary = "publish to others what the configuration shares with them",
	.text = "Makes a release of each output of `share` whose names have changed: rendered, read back, signed, "
		"logged, "
		"and shown\n"
		"by one rename. `feedsync run` does the same with each table that it publishes. What blocks names here "
		"does not\n"
		"depend on it.\n",
	.min_arguments = 0,
	.max_arguments = -1,
	.options = {{"--dry-run", NULL, NULL, "only tell what would be listed, ended and withheld, and why"},
		{"--json", NULL, NULL, "with --dry-run: print JSON, with all names"},
		{"--accept", "OUTPUT", NULL,
			"release this output for once, though it shrinks or grows by so much, or has lost\n"
			"what it has told"}},
	.configuration = CONFIGURATION_SOUND,
	.as_owner = true,
	.exits = {{EXIT_WELL, "each output is released, or unchanged"},
		{EXIT_ATTENTION, "some are not; their last release stays"},
		{EXIT_TROUBLE, "none is, or the configuration is broken; the last releases stay"}},
	.check = check_share_arguments,
	.run = cmd_share,
};
