/* SPDX-License-Identifier: BSD-3-Clause */
#include "feedsync/fleet/health_names.h"

#include <stdlib.h>
#include <string.h>

#include "feedsync/base/log.h"
#include "feedsync/base/xalloc.h"
#include "feedsync/config/configuration.h"
#include "feedsync/fleet/tried_names.h"
#include "feedsync/guard/guard_lists.h"
#include "feedsync/guard/names_file.h"
#include "libweir/errors.h"
#include "libweir/hash.h"

static void add_health_name(struct health_names *names, const char *name, size_t most)
{
	size_t length = strlen(name);
	if (names->count >= most || length == 0 || length >= MANIFEST_NAME_TEXT)
		return;
	for (size_t i = 0; i < names->count; i++)
		if (strcmp(names->name[i], name) == 0)
			return;
	memcpy(names->name[names->count++], name, length + 1);
}

/* ---- the operator's ---- */

static int take_probe_name(void *context, const uint8_t *wire, size_t length, bool wide)
{
	char text[NAME_MAX_TEXT];
	(void)wide;
	name_to_text(wire, length, text);
	add_health_name(context, text, HEALTH_OPERATOR_NAMES);
	return 0;
}

static void add_operator_names(struct health_names *names, const struct channel *channel)
{
	for (size_t i = 0; i < channel->probe_names_count; i++) {
		const char *file = channel->probe_names[i];
		struct names_file list = {.shown = file, .take = take_probe_name, .context = names};
		struct why why;
		if (names_file_read(&list, file, &why) != 0)
			log_warning("channel %s: probe-names: %s", channel->name, why.text);
	}
}

/* ---- those of lists ---- */

/* A name of a list, with a number that orders the names of all lists at random, and always the same: so each list has its part of
 * the first ones. */
struct listed_name {
	uint64_t order;
	const struct nameset_entry *entry;
};

static int compare_orders(const void *a, const void *b)
{
	const struct listed_name *x = a, *y = b;
	return x->order < y->order ? -1 : x->order > y->order;
}

static void add_listed_names(struct health_names *names, const struct config *config)
{
	struct guard_lists lists = {.state = config->state};
	char text[NAME_MAX_WIRE + 1];
	for (size_t i = 0; i < config->guard.warninglist_count; i++)
		guard_lists_read(&lists, config->guard.warninglists[i]);
	for (size_t i = 0; i < config->guard.names_count; i++)
		guard_lists_read(&lists, config->guard.names[i]);
	nameset_sort(&lists.names);
	struct listed_name *all = xcalloc(lists.names.count, sizeof *all);
	for (size_t i = 0; i < lists.names.count; i++) {
		size_t length = nameset_text(&lists.names, &lists.names.entry[i], text);
		all[i] = (struct listed_name){XXH3_64bits(text, length), &lists.names.entry[i]};
	}
	qsort(all, lists.names.count, sizeof *all, compare_orders);
	const size_t most = names->count + HEALTH_LISTED_NAMES;
	for (size_t i = 0; i < lists.names.count && names->count < most; i++) {
		nameset_text(&lists.names, all[i].entry, text);
		add_health_name(names, text, most);
	}
	free(all);
	guard_lists_free(&lists);
}

/* ---- */

void health_names_begin(struct health_names *names, const struct config *config, const struct channel *channel)
{
	static struct manifest_names must_pass;
	*names = (struct health_names){.name = xcalloc(HEALTH_NAMES, sizeof *names->name)};
	add_operator_names(names, channel);
	tried_names_all(&must_pass, config);
	for (size_t i = 0; i < must_pass.count; i++)
		add_health_name(names, must_pass.name[i], HEALTH_NAMES);
	add_listed_names(names, config);
}

void health_names_end(struct health_names *names)
{
	free(names->name);
	*names = (struct health_names){0};
}
