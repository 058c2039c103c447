/* SPDX-License-Identifier: BSD-3-Clause */
#include "feedsync/publish/amend.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "feedsync/base/clock.h"
#include "feedsync/base/log.h"
#include "feedsync/base/wall_clock.h"
#include "feedsync/base/xalloc.h"
#include "feedsync/publish/amend_table.h"
#include "feedsync/publish/archive.h"
#include "feedsync/publish/hold.h"
#include "feedsync/publish/local_resolvers.h"
#include "feedsync/publish/rules_file.h"
#include "feedsync/publish/state_dir.h"
#include "libweir/table.h"

/* Opens the table that was rolled back to. NULL: nothing is held, or it is not in the archive any more. */
static struct table *open_held(const struct config *config, const struct table *base)
{
	struct hold hold;
	struct table *table;
	struct why why;
	char path[4096];
	hold_read(&hold, config->state);
	archive_path(config->state, hold.content_of, path);
	/* A rollback that was cut off has written its hold, and not yet published. */
	if (hold.content_of == 0 || hold.generation != table_header(base)->generation ||
		table_open(&table, path, &why) != 0)
		return NULL;
	return table;
}

/* The table from another one's rules; those of the operator's lists come from the configuration. */
static int compile_from_table(
	struct amendment *a, struct compile *compile, const struct operator_lists *sources, struct why *why)
{
	const struct config *config = a->publication->config;
	const struct table *base = a->publication->base;
	struct table *held = open_held(config, base);
	a->whole = held && !compile_allows_in(held, OPERATOR_FEED);
	int status = amend_from_table(compile, config, held ? held : base, sources, a->file.fd, &a->result, why);
	table_close(&held);
	return status;
}

static int compile_amended(struct amendment *a, const struct overrides *overrides, struct why *why)
{
	const struct table *base = a->publication->base;
	const struct config *config = a->publication->config;
	struct operator_lists lists = overrides->lists;
	struct build *build;
	struct compile compile = {.policy = *table_policy(base), .key = table_header(base)->key};
	int status = amend_find_sources(&lists, &compile.policy, why);
	if (status != 0)
		return status;
	compile.options = (struct build_options){.generation = a->publication->generation,
		.created = wall_now(),
		.base = base,
		.fresh_key = state_dir_fresh_key};
	struct compile_rule *rules = xcalloc(lists.count, sizeof *rules);
	compile.override_count = operator_rules(&lists, &config->guard.own, wall_now(), rules);
	compile.overrides = rules;
	status = rules_file_load(&build, config->state, base, why);
	a->saved = a->whole = status == 0;
	if (status == 0)
		status = compile_again(&compile, &build, a->file.fd, &a->result, why);
	else if (status != -ENOMEM)
		status = compile_from_table(a, &compile, &lists, why);
	free(rules);
	return status;
}

int amend_begin(struct amendment *a, struct publication *p, const struct overrides *overrides, struct why *why)
{
	uint64_t begun = clock_ms();
	*a = (struct amendment){.publication = p};
	int status = atomic_file_begin(&a->file, p->config->table, MODE_PUBLIC, why);
	if (status != 0)
		return status;
	status = compile_amended(a, overrides, why);
	if (status == 0)
		status = local_resolvers_can_read(p->config->run, p->config->table, a->result.version, why);
	if (status != 0) {
		atomic_file_abort(&a->file);
		return status;
	}
	a->changed = a->result.body_sum != table_body_sum(p->base);
	p->entries = a->result.added;
	p->compile_ms = clock_ms() - begun;
	return 0;
}

int amend_open(const struct amendment *a, struct table **table, struct why *why)
{
	return table_open_fd(table, a->file.fd, why);
}

void amend_abort(struct amendment *a)
{
	atomic_file_abort(&a->file);
}

/* A hold goes on, of the table that is published now. */
static void move_hold(const struct publication *p)
{
	struct hold hold;
	struct why why;
	hold_read(&hold, p->config->state);
	hold.generation = p->generation;
	if (hold.held && !hold.why.text[0] && hold_set(p->config->state, &hold, &why) < 0)
		log_warning("%s", why.text);
}

int amend_commit(struct amendment *a, struct local_resolvers *told, struct why *why)
{
	struct publication *p = a->publication;
	uint64_t begun = clock_ms(), sum = a->result.body_sum;
	if (!a->changed) {
		atomic_file_abort(&a->file);
		return 0;
	}
	int status = atomic_file_commit(&a->file, why);
	if (status < 0)
		return status;
	local_resolvers_tell(told, p->config->run, p->config->table);
	if (status == DURABILITY_UNCERTAIN)
		log_warning("%s", why->text);
	if (a->result.key != table_header(p->base)->key &&
		state_dir_keep_key(p->config->state, a->result.key, why) != 0)
		log_warning("%s", why->text);
	p->publish_ms = clock_ms() - begun;
	publication_number(p);
	if (a->saved)
		rules_file_follow(p->config->state, sum);
	move_hold(p);
	return 0;
}

/* ---- a held table ---- */

/* Leaves those that the table has. Returns whether one of them has ended. */
static bool leave_published(struct overrides *overrides, const struct table *table)
{
	bool ended = false;
	for (size_t i = overrides->lists.count; i-- > 0;) {
		if (!amend_has_item(table, &overrides->lists.item[i]))
			overrides_remove(overrides, i);
		else
			ended |= operator_expired(&overrides->lists.item[i], wall_now());
	}
	return ended;
}

struct rule_count {
	const struct policy *policy;
	uint32_t feed;
	size_t count;
};

static int count_operator_rules(void *context, const struct table_rule *rule)
{
	struct rule_count *c = context;
	const struct class *class = &c->policy->classes[rule->class];
	const uint32_t verdicts[] = {class->exact, class->subtree};
	for (unsigned v = 0; v < 2; v++) {
		const struct verdict *verdict = &c->policy->verdicts[verdicts[v]];
		for (unsigned i = 0; verdicts[v] != 0 && i < verdict->own_count; i++)
			c->count += verdict->own[i].source.feed == c->feed;
	}
	return 0;
}

static bool is_listed(const struct operator_lists *lists, const struct operator_item *item)
{
	size_t i = 0;
	for (; (i = operator_find(lists, i, item->wire, item->length)) < lists->count; i++)
		if (lists->item[i].kind == item->kind && lists->item[i].scope == item->scope)
			return true;
	return false;
}

/* Whether the lists of the configuration are those that the published table was made of. */
static bool is_table_of_lists(const struct publication *p, const struct overrides *overrides)
{
	const struct config *config = p->config;
	struct rule_count rules = {.policy = table_policy(p->base)};
	size_t known = overrides->lists.count;
	struct why why;
	for (size_t i = 0; i < config->operator_lists.count; i++) {
		const struct operator_item *item = &config->operator_lists.item[i];
		bool there = amend_has_item(p->base, item);
		if (!there && !operator_expired(item, wall_now()) && !operator_blocks_own(item, &config->guard.own))
			return false;
		known += there && !is_listed(&overrides->lists, item);
	}
	rules.feed = policy_find_feed(rules.policy, OPERATOR_FEED);
	return table_each(p->base, count_operator_rules, &rules, &why) == 0 && rules.count <= known;
}

int amend_ended(struct publication *p, const struct overrides *overrides, struct local_resolvers *told, bool *published,
	struct why *why)
{
	struct overrides left;
	struct amendment amendment;
	int status = 0;
	if (!p->base)
		return 0;
	overrides_copy(&left, overrides);
	bool ended = leave_published(&left, p->base);
	if (ended && !is_table_of_lists(p, &left)) {
		/* The table is made with the lists of now: what was edited since would come into it. */
		log_warning("what was given by command for a time has ended, and stays in the held table: `allow` or "
			    "`block` of the configuration are others since then; to end it: feedsync resume");
		ended = false;
	}
	if (ended)
		status = amend_begin(&amendment, p, &left, why);
	overrides_end(&left);
	if (!ended || status != 0)
		return status;
	bool changed = amendment.changed;
	status = amend_commit(&amendment, told, why);
	*published = changed && status == 0;
	return status;
}
