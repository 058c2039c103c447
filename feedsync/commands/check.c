/* SPDX-License-Identifier: BSD-3-Clause */
/* `feedsync check`: whether the configuration is right, and what it means. */
#include <errno.h>
#include <stdio.h>

#include "feedsync/base/act_as_owner.h"
#include "feedsync/base/json.h"
#include "feedsync/base/log.h"
#include "feedsync/base/wall_clock.h"
#include "feedsync/circle/share.h"
#include "feedsync/commands/commands.h"
#include "feedsync/commands/sync.h"
#include "feedsync/config/complaints.h"
#include "feedsync/guard/guard.h"
#include "feedsync/guard/last_good.h"
#include "feedsync/publish/overrides.h"
#include "libweir/errors.h"

static int use_as_owner(const struct config *config)
{
	struct why why;
	int status = owner_become(config->state, &why);
	if (status != 0)
		log_error("%s", why.text);
	return status;
}

static int check_guard_lists(const struct config *config)
{
	struct guard *guard;
	struct why why;
	int status = guard_new(&guard, &config->guard, GUARD_ASKS, &why);
	if (status != 0) {
		log_error("%s", why.text);
		return status;
	}
	size_t count;
	const struct list_trouble *trouble = guard_troubles(guard, &count);
	guard_print(guard);
	operator_warn_guarded(&config->operator_lists, guard);
	for (size_t i = 0; i < count; i++)
		log_error("guard: %s", trouble[i].why.text);
	guard_free(&guard);
	return count > 0 ? -EBADMSG : 0;
}

/* Prints what was allowed and blocked by command. */
static int check_overrides(const struct config *config)
{
	struct overrides overrides;
	struct why why;
	int status = overrides_read(&overrides, config, &why);
	if (status != 0)
		log_error("%s: nothing new is published while it stands there; move it away, and give the overrides "
			  "again",
			why.text);
	else if (overrides.lists.count > 0)
		puts("# by command (`feedsync allow`, `feedsync block`):");
	operator_print(&overrides.lists, wall_now());
	for (size_t i = 0; i < overrides.lists.count; i++) {
		const struct operator_item *item = &overrides.lists.item[i];
		char name[NAME_MAX_TEXT];
		if (!operator_blocks_own(item, &config->guard.own))
			continue;
		name_to_text(item->wire, item->length, name);
		log_error("%s is blocked by command, and would block a name of the guard's list `own`: it is left out; "
			  "next: feedsync unblock %s",
			name, name);
		status = -EPERM;
	}
	overrides_end(&overrides);
	return status;
}

/* Shows what is wrong with the file itself as JSON. Files that it names are not looked at. */
static int show_complaints(const char *path)
{
	struct config *config;
	struct complaints complaints;
	struct node *root = json_answer(), *list = node_array();
	int status = config_read(&config, path, &complaints);
	size_t shown = complaints.count < MAX_COMPLAINTS ? complaints.count : MAX_COMPLAINTS;
	for (size_t i = 0; i < shown; i++) {
		struct node *node = node_object();
		node_put(node, "line", node_from_number(complaints.list[i].line));
		node_put(node, "text", node_from_text(complaints.list[i].text));
		node_append(list, node);
	}
	node_put(root, "configuration", node_from_text(path));
	node_put(root, "valid", node_from_bool(status == 0));
	node_put(root, "error_count", node_from_number(complaints.count));
	node_put(root, "errors", list);
	if (status == 0)
		node_put(root, "feeds", node_from_number(config->feed_count));
	json_show(root);
	node_free(root);
	complaints_end(&complaints);
	config_free(&config);
	return status == 0 ? EXIT_WELL : EXIT_ATTENTION;
}

/* Prints how much each output would tell, by the table that is published. */
static void print_planned_output(void *context, const struct share_plan *plan)
{
	(void)context;
	printf("output %s: %zu names%s, %zu withheld\n", plan->output->name, plan->selection->live,
		plan->refused ? " (refused by its alarm)" : "", plan->selection->count - plan->selection->live);
}

/* What keeps an output from being released is no mistake of the configuration. */
static void check_outputs_content(const struct config *config)
{
	const struct share_request request = {.config = config, .plan = print_planned_output};
	struct share_counts counts;
	struct why why;
	if (config->output_count > 0 && share_all(&request, &counts, &why) != 0)
		log_warning("what the outputs would tell is not known: %s", why.text);
}

static int check_check_arguments(const struct invocation *invocation)
{
	bool compares = option_given(invocation, "--against-published");
	if (compares && option_given(invocation, "--json"))
		return usage_error(invocation->command, "--json and --against-published do not go together");
	if (!compares && option_given(invocation, "--popular"))
		return usage_error(invocation->command, "--popular belongs to --against-published");
	return 0;
}

static int cmd_check(struct invocation *invocation)
{
	struct config *config;
	if (option_given(invocation, "--json"))
		return show_complaints(invocation->config_path);
	if (config_load(&config, invocation->config_path) != 0)
		return EXIT_ATTENTION;
	config_print(config);
	if (config->feed_count == 0 && !config->pull.url)
		log_warning("%s: no feeds are configured: nothing is fetched", invocation->config_path);
	bool well = use_as_owner(config) == 0 && config_check_files(config) == 0 &&
		    (config->pull.url || (check_guard_lists(config) == 0 && check_overrides(config) == 0));
	if (well)
		check_outputs_content(config);
	/* Without feeds a sync publishes nothing. */
	if (well && config->feed_count > 0 && option_given(invocation, "--against-published"))
		well = sync_dry_run(config, option_value(invocation, "--popular"), false) != EXIT_TROUBLE;
	config_free(&config);
	return well ? EXIT_WELL : EXIT_ATTENTION;
}

const struct command command_check = {
	.word = "check",
	.usage = "[--json | --against-published [--popular FILE]]",
	.summary = "check the configuration, and print what it means",
	.text = "Changes nothing and asks no server. Every error is told with its line. Files that the configuration "
		"names are\n"
		"read too: run it as root or as the user of `feedsync run`.\n",
	.configuration = CONFIGURATION_PATH,
	.options = {{"--json", NULL, NULL,
			    "print the errors of the file itself as JSON; files that it names are not read"},
		{"--against-published", NULL, NULL,
			"tell as well what a sync of it would change, with what feeds have brought before"},
		{"--popular", "FILE", NULL,
			"with that: names, one a line, the most popular first, that would newly be blocked"}},
	.exits = {{EXIT_WELL, "the configuration can be used"}, {EXIT_ATTENTION, "it cannot: every error was told"},
		{EXIT_TROUBLE, "the command line cannot be understood"}},
	.check = check_check_arguments,
	.run = cmd_check,
};
