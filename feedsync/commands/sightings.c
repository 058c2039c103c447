/* SPDX-License-Identifier: BSD-3-Clause */
/* `feedsync sightings`: tells partners at once what was hit, or shows what would be told and what is pending. */
#include "feedsync/circle/sightings.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "feedsync/base/json.h"
#include "feedsync/base/log.h"
#include "feedsync/base/wall_clock.h"
#include "feedsync/circle/sighting_names.h"
#include "feedsync/circle/sighting_store.h"
#include "feedsync/commands/commands.h"
#include "feedsync/net/fetch_all.h"
#include "feedsync/sync/last_run.h"
#include "feedsync/trends/period.h"
#include "libweir/errors.h"

enum { MOST_SIGHTINGS_SHOWN = 100 /* lines of each kind */ };

struct showing {
	const struct config *config;
	struct node *list;            /* JSON; NULL: in words */
	struct sighting_store *store; /* NULL: nothing was ever told */
	struct node *kind;            /* the list that sightings of the store go to */
};

/* ---- words ---- */

static void print_sightings_more(uint64_t count)
{
	if (count > MOST_SIGHTINGS_SHOWN)
		printf("... and %" PRIu64 " more\n", count - MOST_SIGHTINGS_SHOWN);
}

static void print_stored(void *context, const char *partner, const struct sighting *sighting)
{
	(void)context, (void)partner;
	sighting_print(sighting_state_text(sighting->state), sighting);
}

static void print_day_plan(const struct partner *partner, uint64_t day, const struct sighting_selection *selection)
{
	char text[PERIOD_TEXT], where[PARTNER_WHERE];
	uint64_t withheld = 0;
	printf("sightings %s, %s, %s: %zu of %s\n", partner->name, partner->to, partner_where(partner, where),
		selection->count, period_text((struct period){day, day}, text));
	for (size_t i = 0; i < selection->count && i < MOST_SIGHTINGS_SHOWN; i++)
		sighting_print("+", &selection->list[i]);
	print_sightings_more(selection->count);
	for (size_t i = 0; i < selection->candidates.count; i++) {
		const struct sighting_candidate *c = &selection->candidates.list[i];
		if (c->withheld != WITHHELD_NOT && c->withheld != WITHHELD_FEW && ++withheld <= MOST_SIGHTINGS_SHOWN)
			printf("withheld\t%s\t%s\t%s: %s\n", scope_text(c->scope), c->name, withheld_word(c->withheld),
				withheld_text(c->withheld));
	}
	print_sightings_more(withheld);
	if (selection->withheld[WITHHELD_FEW] > 0)
		printf("withheld\t%" PRIu64 " names\t%s: %s\n", selection->withheld[WITHHELD_FEW],
			withheld_word(WITHHELD_FEW), withheld_text(WITHHELD_FEW));
}

/* ---- JSON ---- */

static void add_stored(void *context, const char *partner, const struct sighting *sighting)
{
	(void)partner;
	node_append(context, sighting_json(sighting));
}

static struct node *day_plan_json(
	const struct partner *partner, uint64_t day, const struct sighting_selection *selection)
{
	struct node *node = node_object(), *told = node_array(), *withheld = node_array();
	char text[PERIOD_TEXT];
	node_put(node, "name", node_from_text(partner->name));
	node_put(node, "day", node_from_text(period_text((struct period){day, day}, text)));
	for (size_t i = 0; i < selection->count; i++)
		node_append(told, sighting_json(&selection->list[i]));
	for (size_t i = 0; i < selection->candidates.count; i++) {
		const struct sighting_candidate *c = &selection->candidates.list[i];
		if (c->withheld == WITHHELD_NOT || c->withheld == WITHHELD_FEW)
			continue;
		struct node *item = node_object();
		node_put(item, "name", node_from_text(c->name));
		node_put(item, "scope", node_from_text(scope_text(c->scope)));
		node_put(item, "reason", node_from_text(withheld_word(c->withheld)));
		node_append(withheld, item);
	}
	node_put(node, "sightings", told);
	node_put(node, "withheld", withheld);
	node_put(node, "few", node_from_number(selection->withheld[WITHHELD_FEW]));
	return node;
}

/* ---- both ---- */

/* What is in the store in a state that is not yet done with, or that somebody must look at. */
static void show_stored(
	struct showing *showing, const struct partner *partner, enum sighting_state state, struct node *list)
{
	const struct sighting_question question = {
		.partner = partner->name, .state = state, .limit = list ? 0 : MOST_SIGHTINGS_SHOWN};
	struct why why;
	int status = showing->store ? sighting_store_each(
					      showing->store, &question, list ? add_stored : print_stored, list, &why)
				    : 0;
	if (status != 0)
		log_error("sightings %s: %s", partner->name, why.text);
}

static void show_plan(
	void *context, const struct partner *partner, uint64_t day, const struct sighting_selection *selection)
{
	static const enum sighting_state states[] = {SIGHTING_PENDING, SIGHTING_REFUSED};
	struct showing *showing = context;
	struct node *node = showing->list ? day_plan_json(partner, day, selection) : NULL;
	if (!node)
		print_day_plan(partner, day, selection);
	for (unsigned i = 0; i < sizeof states / sizeof *states; i++) {
		struct node *list = node ? node_array() : NULL;
		show_stored(showing, partner, states[i], list);
		if (node)
			node_put(node, sighting_state_text(states[i]), list);
	}
	if (node)
		node_append(showing->list, node);
}

static bool are_partners(const struct config *config, char **names, int count)
{
	bool all = true;
	for (int i = 0; i < count; i++) {
		bool found = config_find_partner(config, names[i]) != NULL;
		if (!found)
			log_error("%s: there are no sightings \"%s\"", config->path, names[i]);
		all &= found;
	}
	return all;
}

static int sightings_exit_code(int status, const struct sightings_counts *counts)
{
	if (status != 0 || (counts->failed > 0 && counts->well == 0))
		return EXIT_TROUBLE;
	return counts->failed > 0 ? EXIT_ATTENTION : EXIT_WELL;
}

static int tell_asked(const struct invocation *invocation, const struct config *config)
{
	bool dry = option_given(invocation, "--dry-run"), json = option_given(invocation, "--json");
	const char *day = option_value(invocation, "--day");
	struct node *root = json_answer();
	struct showing showing = {.config = config, .list = json ? node_array() : NULL};
	struct sightings_request request = {.config = config,
		.partners = (const char *const *)invocation->arguments,
		.partner_count = (size_t)invocation->argument_count,
		.at_once = true,
		.plan = dry ? show_plan : NULL,
		.context = &showing};
	struct sightings_counts counts;
	struct period period;
	struct why why;
	last_run_begin_clock(config);
	fetch_init();
	if (day && period_read(day, &period))
		request.day = period.first;
	int status = dry ? sighting_store_open(&showing.store, config->state, false, &why) : 0;
	if (status != 0 && status != -ENOENT)
		log_error("%s", why.text);
	status = sightings_tell(&request, &counts, &why);
	if (status != 0)
		log_error("no sightings are told: %s; what is pending stays", why.text);
	node_put(root, "partners", showing.list);
	if (json)
		json_show(root);
	node_free(root);
	sighting_store_close(&showing.store);
	return sightings_exit_code(status, &counts);
}

static int cmd_sightings(struct invocation *invocation)
{
	if (!are_partners(invocation->config, invocation->arguments, invocation->argument_count))
		return EXIT_TROUBLE;
	if (invocation->config->partner_count == 0)
		log_warning("%s: nobody is told what was hit; write `organisation`, `trends` and `sightings`, see "
			    "feedsync.yaml(5)",
			invocation->config->path);
	return tell_asked(invocation, invocation->config);
}

static int check_sightings_arguments(const struct invocation *invocation)
{
	const char *day = option_value(invocation, "--day");
	struct period period;
	if (!option_given(invocation, "--dry-run") && (day || option_given(invocation, "--json")))
		return usage_error(invocation->command, "--day and --json are for --dry-run");
	if (day && (!period_read(day, &period) || period_is_week(period)))
		return usage_error(invocation->command, "--day %.40s: not a day; example: 2026-11-28", day);
	return 0;
}

const struct command command_sightings = {
	.word = "sightings",
	.usage = "[--dry-run [--json] [--day DAY]] [NAME...]",
	.summary = "tell the sources of feeds what of their lists was hit",
	.text = "Closes each day that is over and has not been told of, for each item of `sightings`; sends what is "
		"pending, or shows\n"
		"it in the item's directory. `feedsync run` does the same once a day, and tries again what fails; this "
		"does not wait.\n"
		"A sighting is told under an identifier that never changes, so that one that is told again is not "
		"counted again. What\n"
		"blocks names here does not depend on it.\n",
	.min_arguments = 0,
	.max_arguments = -1,
	.options = {{"--dry-run", NULL, NULL,
			    "only show what would be told of the last day, what is withheld and why, and what is\n"
			    "pending or was refused"},
		{"--json", NULL, NULL, "with --dry-run: print JSON, with all names"},
		{"--day", "DAY", NULL, "with --dry-run: of this day, 2026-11-28"}},
	.configuration = CONFIGURATION_SOUND,
	.as_owner = true,
	.exits = {{EXIT_WELL, "all was told, or there is nothing to tell"},
		{EXIT_ATTENTION, "some could not be told; what is pending stays"},
		{EXIT_TROUBLE, "none could, or the configuration is broken; what is pending stays"}},
	.check = check_sightings_arguments,
	.run = cmd_sightings,
};
