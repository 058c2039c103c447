/* SPDX-License-Identifier: BSD-3-Clause */
/* Makes a change of the overrides, and publishes the table with it: both, or neither. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "feedsync/base/atomic_file.h"
#include "feedsync/base/log.h"
#include "feedsync/base/wall_clock.h"
#include "feedsync/commands/override_private.h"
#include "libweir/errors.h"
#include "libweir/table.h"

/* Whether the configuration's own lists have the item that is to be taken back. */
static bool is_written(const struct change *c)
{
	const struct operator_lists *lists = &c->config->operator_lists;
	for (size_t i = 0; (i = operator_find(lists, i, c->item.wire, c->item.length)) < lists->count; i++)
		if (lists->item[i].kind == c->item.kind)
			return true;
	return false;
}

/* Notes what is taken back, for the history: its texts go with it. */
static void note_taken(struct change *c, const struct operator_item *item)
{
	snprintf(c->texts[0], sizeof c->texts[0], "%s", item->reason);
	snprintf(c->texts[1], sizeof c->texts[1], "%s", item->author);
	c->item = *item;
	c->item.reason = c->texts[0];
	c->item.author = c->texts[1];
	c->item.expires = "";
}

/* Makes the change in the list of overrides. */
static int change_overrides(struct change *c, struct why *why)
{
	struct overrides *o = &c->overrides;
	if (c->gives) {
		int status = overrides_set(o, &c->item, wall_now());
		return status == 0 ? 0
				   : why_set(why, status, "there are %d overrides already; take one back first",
					     MAX_OVERRIDES);
	}
	size_t found = operator_find(&o->lists, 0, c->item.wire, c->item.length);
	const char *list = operator_list_of(&c->item);
	if (found < o->lists.count && o->lists.item[found].kind == c->item.kind) {
		note_taken(c, &o->lists.item[found]);
		overrides_remove(o, found);
		return 0;
	}
	if (is_written(c))
		return why_set(
			why, -ENOENT, "`%s:` in %.90s has %.80s: take it out there", list, c->config->path, c->name);
	return why_set(why, -ENOENT, "no `feedsync %s` of %.120s is in force; `feedsync check` lists those that are",
		list, c->name);
}

/* A block that an allow rule makes void is no block. */
static int check_effect(const struct change *c, struct why *why)
{
	struct table *table;
	if (!c->gives || c->item.kind != RULE_BLOCK)
		return 0;
	int status = amend_open(&c->amendment, &table, why);
	if (status != 0)
		return status;
	struct match match;
	bool passes = table_lookup(table, c->item.wire, c->item.length, &match) &&
		      table_policy(table)->verdicts[match.verdict].decision == DECISION_ALLOW;
	table_close(&table);
	if (!passes)
		return 0;
	return why_set(why, -EPERM,
		"an allow rule lets %.100s pass, and an allow wins over every block: `feedsync why` tells which",
		c->name);
}

/* Amends the table. If the published one cannot be amended, the next sync publishes the change. */
static int amend(struct change *c, struct why *why)
{
	if (!c->publication.base) {
		log_warning("nothing is published yet: the next sync puts it in force");
		return 0;
	}
	int status = amend_begin(&c->amendment, &c->publication, &c->overrides, why);
	c->amended = status == 0;
	if (status == -ENOTSUP) {
		log_warning("%s: the next sync puts it in force", why->text);
		status = 0;
	}
	if (!c->amended)
		return status;
	status = check_effect(c, why);
	if (status != 0)
		amend_abort(&c->amendment);
	return status;
}

/* The file comes first: were the table published alone, the next sync would take the change back. */
static int store(struct change *c, const struct overrides *before, struct local_resolvers *told, struct why *why)
{
	struct why reason;
	int status = overrides_write(&c->overrides, c->config->state, why);
	if (status == DURABILITY_UNCERTAIN)
		log_warning("%s", why->text);
	if (status >= 0 && c->amended) {
		status = amend_commit(&c->amendment, told, why);
		if (status < 0 && overrides_write(before, c->config->state, &reason) < 0)
			log_error("the next sync makes the change all the same: %s", reason.text);
	} else if (c->amended) {
		amend_abort(&c->amendment);
	}
	return status < 0 ? status : 0;
}

int change_make(struct change *c, struct local_resolvers *told, struct why *why)
{
	struct overrides before = {0};
	int status = publication_begin(&c->publication, c->config, c->command, why);
	if (status == 0 && c->config->pull.url)
		status = why_set(why, -EPERM,
			"the table of this host is pulled, and stays as it was signed; give the same command on the "
			"compiler");
	if (status == 0)
		status = overrides_read(&c->overrides, c->config, why);
	if (status == 0) {
		overrides_copy(&before, &c->overrides);
		status = change_overrides(c, why);
	}
	if (status == 0)
		status = amend(c, why);
	if (status == 0)
		status = store(c, &before, told, why);
	overrides_end(&before);
	return status;
}

bool change_is_whole(const struct change *c)
{
	return c->amended && (c->gives || c->amendment.whole);
}
