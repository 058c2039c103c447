/* SPDX-License-Identifier: BSD-3-Clause */
#include "feedsync/publish/publication.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "feedsync/base/act_as_owner.h"
#include "feedsync/base/atomic_file.h"
#include "feedsync/base/caller.h"
#include "feedsync/base/file_lock.h"
#include "feedsync/base/log.h"
#include "feedsync/base/maxima.h"
#include "feedsync/base/path_sum.h"
#include "feedsync/base/regular_file.h"
#include "feedsync/base/table_file.h"
#include "feedsync/entries/self_test.h"
#include "feedsync/publish/archive.h"
#include "feedsync/publish/history.h"
#include "feedsync/publish/hold.h"
#include "feedsync/publish/overrides.h"
#include "libweir/build/build.h"
#include "libweir/diff.h"
#include "libweir/errors.h"
#include "libweir/hash.h"
#include "libweir/table.h"

/* ---- generations ---- */

/* Reads the generation that was published last. It is kept apart from the table in case the table is gone: a resolver
 * must never see a number twice. Where the table is there, the number is in it. */
static int read_generation(const char *state, uint64_t *generation, struct why *why)
{
	char path[4096], text[32];
	snprintf(path, sizeof path, "%s/generation", state);
	int status = regular_file_line(path, text, sizeof text, why);
	*generation = strtoull(text, NULL, 10);
	return status == -ENOENT ? 0 : status;
}

static void write_generation(const char *state, uint64_t generation)
{
	char path[4096], text[32];
	struct why why;
	snprintf(path, sizeof path, "%s/generation", state);
	int length = snprintf(text, sizeof text, "%llu\n", (unsigned long long)generation);
	if (atomic_file_write(path, MODE_PRIVATE, text, (size_t)length, &why) != 0)
		log_warning("%s", why.text);
}

/* ---- beginning and end ---- */

/* If that fails, the failure of the next one will be told. */
void publication_archive_base(const struct publication *p)
{
	char path[4096];
	struct why why;
	if (!p->base)
		return;
	uint64_t generation = table_header(p->base)->generation;
	archive_path(p->config->state, generation, path);
	if (access(path, F_OK) != 0 && archive_add(p->config->state, p->config->table, generation, &why) == 0)
		archive_prune(p->config->state);
}

static int take_lock(struct publication *p, struct why *why)
{
	char path[4096];
	snprintf(path, sizeof path, "%s/publish.lock", p->config->state);
	p->lock = file_lock_open(path, MODE_PUBLIC, "another feedsync is publishing; waiting for it to end", why);
	return p->lock < 0 ? p->lock : 0;
}

/* Opens the published table. A damaged one counts as none. One that just cannot be read still counts: the new one is
 * judged by it. */
static int open_base(struct publication *p, struct why *why)
{
	const char *path = p->config->table;
	struct why reason;
	struct owner_visit visit;
	int status = owner_enter_path(&visit, path, why);
	if (status != 0)
		return status;
	status = table_open(&p->base, path, &reason);
	owner_leave(&visit);
	if (status == WEIR_EFORMAT || status == WEIR_EVERSION)
		log_warning("%s: %s; it will be replaced", path, reason.text);
	else if (status != 0 && status != -ENOENT)
		return why_set(why, status, "%s: %s", path, reason.text);
	return 0;
}

int publication_begin(struct publication *p, const struct config *config, const char *cause, struct why *why)
{
	*p = (struct publication){.config = config, .cause = cause, .lock = -1};
	int status = take_lock(p, why);
	if (status == 0)
		status = open_base(p, why);
	if (status != 0)
		return status;
	status = read_generation(config->state, &p->generation, why);
	if (status != 0 && !p->base)
		return status;
	if (status != 0)
		log_warning("%s", why->text);
	p->generation++;
	if (p->base && table_header(p->base)->generation >= p->generation)
		p->generation = table_header(p->base)->generation + 1;
	return 0;
}

/* The sum of the files that only he changes who has the lock, and by which a table is made, numbered and judged. */
static uint64_t published_sum(const struct config *config)
{
	const uint64_t sums[] = {path_sum(config->table), path_sum_in(config->state, OVERRIDES_FILE),
		path_sum_in(config->state, HOLD_FILE), path_sum_in(config->state, "generation")};
	return XXH3_64bits(sums, sizeof sums);
}

void publication_unlock(struct publication *p)
{
	p->seen = published_sum(p->config);
	close(p->lock);
	p->lock = -1;
}

int publication_lock_again(struct publication *p, struct why *why)
{
	int status = take_lock(p, why);
	if (status == 0 && published_sum(p->config) != p->seen)
		status = why_set(why, PUBLICATION_OVERTAKEN, "another feedsync has published meanwhile");
	return status;
}

void publication_end(struct publication *p)
{
	table_close(&p->base);
	if (p->lock >= 0)
		close(p->lock);
	p->lock = -1;
}

void publication_number(const struct publication *p)
{
	write_generation(p->config->state, p->generation);
}

void publication_done(struct publication *p)
{
	struct why why;
	publication_number(p);
	if (archive_add(p->config->state, p->config->table, p->generation, &why) != 0)
		log_warning("%s; there will be no rollback to generation %llu", why.text,
			(unsigned long long)p->generation);
	archive_prune(p->config->state);
}

/* ---- the log ---- */

/* Whether a feed is the self-test. That comes with every table and is no news. */
static bool is_self_test(const struct policy *policy, uint32_t feed)
{
	return strcmp(policy->feeds[feed].name, SELF_TEST_FEED) == 0;
}

/* Counts what changed. */
struct counts {
	const struct policy *new, *old;
	struct history *history;
	uint64_t generation;
	uint64_t added, removed;
	uint64_t *added_by, *removed_by; /* feeds of the new table, and of the old one */
	uint64_t share;                  /* how many changes of each kind are kept for one feed */
};

static int count_change(void *context, const struct table_change *change)
{
	struct counts *c = context;
	if (is_self_test(change->added ? c->new : c->old, change->source.feed))
		return 0;
	++*(change->added ? &c->added : &c->removed);
	if (++*(change->added ? &c->added_by[change->source.feed] : &c->removed_by[change->source.feed]) <= c->share)
		history_add_change(c->history, c->generation, change);
	return 0;
}

static void log_feeds(const struct publication *p, const struct counts *c, const struct feed *feeds)
{
	const struct policy *policy = c->new, *old = c->old;
	for (uint32_t i = 0; i < policy->feed_count; i++) {
		if (is_self_test(policy, i))
			continue;
		struct history_feed row = {
			.name = policy->feeds[i].name, .result = "", .added = c->added_by[i], .error_class = ""};
		uint32_t before = old ? policy_find_feed(old, row.name) : 0;
		if (old && before < old->feed_count)
			row.removed = c->removed_by[before];
		if (row.added + row.removed == 0 && strcmp(row.name, OPERATOR_FEED) == 0)
			continue;
		if (feeds && i < p->config->feed_count) {
			row.result = feed_result_text(feeds[i].run.result);
			row.entries = feeds[i].record.parsed.counts.entries;
			row.rejected = counts_rejected(&feeds[i].record.parsed.counts);
			row.error_class = error_class_word(
				feeds[i].record.withheld[0] ? ERROR_ALARM : feeds[i].record.error_class);
		}
		history_add_feed(c->history, p->generation, &row);
	}
	for (uint32_t i = 0; old && i < old->feed_count; i++) {
		const struct history_feed row = {
			.name = old->feeds[i].name, .result = "gone", .removed = c->removed_by[i], .error_class = ""};
		if (policy_find_feed(policy, row.name) == policy->feed_count && !is_self_test(old, i))
			history_add_feed(c->history, p->generation, &row);
	}
}

/* Adds what can be told of a table whose publish nobody has logged. */
static void add_unknown(struct history *history, const struct table *table)
{
	const struct weir_header *header = table_header(table);
	const struct history_publish row = {.generation = header->generation,
		.time = header->created,
		.cause = "unknown",
		.user = "",
		.rules = header->rules,
		.octets = table_octets(table),
		.sum = table_body_sum(table)};
	history_add_publish(history, &row);
}

static int add_publication(const struct publication *p, const struct table *new, const struct feed *feeds,
	struct counts *c, struct why *why)
{
	const struct weir_header *header = table_header(new);
	int same = p->base ? table_same_policy(p->base, new) : 0;
	int status = same < 0 ? why_set(why, same, "out of memory") : table_diff(p->base, new, count_change, c, why);
	if (status != 0)
		return status;
	char user[128];
	caller_describe(user, sizeof user);
	const struct history_publish row = {.generation = p->generation,
		.time = header->created,
		.cause = p->cause,
		.user = user,
		.content_of = p->content_of,
		.rules = header->rules,
		.entries = p->entries,
		.octets = table_octets(new),
		.sum = table_body_sum(new),
		.fetch_ms = p->fetch_ms,
		.compile_ms = p->compile_ms,
		.publish_ms = p->publish_ms,
		.policy_changed = !same,
		.counted = true,
		.added = c->added,
		.removed = c->removed};
	log_feeds(p, c, feeds);
	history_add_publish(c->history, &row);
	if (p->override)
		history_add_override(c->history, p->override);
	return 0;
}

/* Adds the published table, unless it is there. */
static int add_base(const struct publication *p, struct history *history, struct why *why)
{
	int there = p->base ? history_has(history, table_header(p->base)->generation, why) : 1;
	if (there < 0)
		return there;
	history_begin(history);
	if (!there)
		add_unknown(history, p->base);
	return 0;
}

/* A table that was published before: a channel may go back to one that this host has had. */
struct known_publish {
	uint64_t generation, sum;
	bool found;
};

static void compare_publish(void *context, const struct history_publish *publish)
{
	struct known_publish *known = context;
	known->found |= publish->generation == known->generation && publish->sum == known->sum;
}

static int log_new(const struct publication *p, const struct feed *feeds, struct why *why)
{
	struct history *history = NULL;
	struct table *new = NULL;
	struct counts c = {.generation = p->generation};
	int status = history_open(&history, p->config->state, true, why);
	if (status == 0)
		status = table_file_open(&new, p->config->table, why);
	if (status == 0)
		status = add_base(p, history, why);
	struct known_publish known = {.generation = p->generation, .sum = new ? table_body_sum(new) : 0};
	if (status == 0)
		status = history_publishes(history, p->generation, 1, compare_publish, &known, why);
	if (status == 0 && !known.found) {
		/* The table is published: lack of memory now must not look like a failure of that. */
		c.history = history;
		c.new = table_policy(new);
		c.old = p->base ? table_policy(p->base) : NULL;
		/* No feed takes the room of the others, neither in this publish nor in those before. */
		c.share = HISTORY_CHANGES / c.new->feed_count;
		c.share = c.share > HISTORY_SHARE ? c.share : HISTORY_SHARE;
		c.added_by = calloc(table_policy(new)->feed_count + 1, sizeof *c.added_by);
		c.removed_by = calloc(p->base ? table_policy(p->base)->feed_count + 1 : 1, sizeof *c.removed_by);
		status = c.added_by && c.removed_by ? add_publication(p, new, feeds, &c, why)
						    : why_set(why, -ENOMEM, "out of memory");
	}
	if (status == 0)
		status = history_commit(history, why);
	free(c.added_by);
	free(c.removed_by);
	table_close(&new);
	history_close(&history);
	return status;
}

static void warn_unlogged(uint64_t generation, const struct why *why)
{
	log_warning("generation %llu is not in the history: %s", (unsigned long long)generation, why->text);
}

bool publication_log(const struct publication *p, const struct feed *feeds)
{
	struct why why;
	int status = log_new(p, feeds, &why);
	if (status != 0)
		warn_unlogged(p->generation, &why);
	return status == 0;
}

bool publication_log_base(const struct publication *p)
{
	struct history *history = NULL;
	struct why why;
	int status = p->base ? history_open(&history, p->config->state, true, &why) : 0;
	if (history)
		status = add_base(p, history, &why);
	if (history && status == 0)
		status = history_commit(history, &why);
	if (status != 0)
		warn_unlogged(table_header(p->base)->generation, &why);
	history_close(&history);
	return status == 0;
}
