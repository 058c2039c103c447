/* SPDX-License-Identifier: BSD-3-Clause */
/* `feedsync sync --dry-run`: a sync on trial (trial.h), and how its table differs from the published one. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "feedsync/base/act_as_owner.h"
#include "feedsync/base/log.h"
#include "feedsync/base/xalloc.h"
#include "feedsync/commands/commands.h"
#include "feedsync/commands/signals.h"
#include "feedsync/commands/sync.h"
#include "feedsync/entries/reserved_names.h"
#include "feedsync/guard/names_file.h"
#include "feedsync/net/fetch_all.h"
#include "feedsync/sync/trial.h"
#include "libweir/build/build.h"
#include "libweir/diff.h"
#include "libweir/table.h"

enum { MAX_SHOWN = 20 /* popular names */ };

/* What is compared. */
struct comparison {
	struct table *old, *new;   /* NULL: there is none */
	uint64_t *added, *removed; /* by feed of the new table, and of the old one */
	uint64_t popular, blocked; /* names that were read, and that would newly be blocked */
};

static int count_difference(void *context, const struct table_change *change)
{
	struct comparison *c = context;
	++*(change->added ? &c->added[change->source.feed] : &c->removed[change->source.feed]);
	return 0;
}

static void print_difference(const char *name, uint64_t added, uint64_t removed)
{
	if (added + removed > 0 && strcmp(name, SELF_TEST_FEED) != 0)
		printf("feed %s: +%llu -%llu\n", name, (unsigned long long)added, (unsigned long long)removed);
}

/* Prints how many rules of each feed begin and cease to hold. */
static int print_changes(struct comparison *c, struct why *why)
{
	const struct policy *new = table_policy(c->new), *old = c->old ? table_policy(c->old) : NULL;
	c->added = xcalloc(new->feed_count, sizeof *c->added);
	c->removed = xcalloc(old ? old->feed_count : 0, sizeof *c->removed);
	int status = table_diff(c->old, c->new, count_difference, c, why);
	for (uint32_t i = 0; status == 0 && i < new->feed_count; i++) {
		uint32_t before = old ? policy_find_feed(old, new->feeds[i].name) : 0;
		print_difference(
			new->feeds[i].name, c->added[i], old && before < old->feed_count ? c->removed[before] : 0);
	}
	for (uint32_t i = 0; status == 0 && old && i < old->feed_count; i++)
		if (policy_find_feed(new, old->feeds[i].name) == new->feed_count)
			print_difference(old->feeds[i].name, 0, c->removed[i]);
	free(c->added);
	free(c->removed);
	return status;
}

/* The verdict of a table that blocks a name for anybody; NULL = it does not. */
static const struct verdict *blocks(const struct table *table, const uint8_t *wire, size_t length)
{
	struct match match;
	if (!table || !table_lookup(table, wire, length, &match))
		return NULL;
	const struct verdict *verdict = &table_policy(table)->verdicts[match.verdict];
	return verdict->any_action > ACTION_LOG ? verdict : NULL;
}

static int look_at_popular(void *context, const uint8_t *wire, size_t length, bool wide)
{
	struct comparison *c = context;
	char name[NAME_MAX_TEXT];
	(void)wide;
	c->popular++;
	const struct verdict *verdict = blocks(c->new, wire, length);
	if (!verdict || blocks(c->old, wire, length) || c->blocked++ >= MAX_SHOWN)
		return 0;
	name_to_text(wire, length, name);
	printf("popular: %s (number %llu) would be blocked by", name, (unsigned long long)c->popular);
	for (unsigned i = 0; i < verdict->effective_count; i++)
		printf(" %s", table_policy(c->new)->feeds[verdict->effective[i].feed].name);
	putchar('\n');
	return 0;
}

static int print_popular(struct comparison *c, const char *path, struct why *why)
{
	struct names_file list = {.shown = path, .take = look_at_popular, .context = c};
	struct why reason;
	int status = names_file_read(&list, path, &reason);
	if (status != 0)
		why_set(why, status, "%.100s: %.150s", path, reason.text);
	else
		printf("popular: %llu of %llu names would newly be blocked\n", (unsigned long long)c->blocked,
			(unsigned long long)c->popular);
	return status;
}

/* Prints what the trial's table changes. Returns 0, or a negative code with the reason. */
static int print_comparison(struct comparison *c, const char *popular, struct why *why)
{
	if (!c->new) {
		puts("a sync would publish nothing");
		return 0;
	}
	uint64_t rules = table_header(c->new)->rules, before = c->old ? table_header(c->old)->rules : 0;
	if (c->old && table_body_sum(c->old) == table_body_sum(c->new)) {
		printf("a sync would change nothing: %llu rules\n", (unsigned long long)rules);
		return popular ? print_popular(c, popular, why) : 0;
	}
	int same = c->old ? table_same_policy(c->old, c->new) : 1;
	printf("a sync would publish %llu rules, in the place of %llu%s\n", (unsigned long long)rules,
		(unsigned long long)before, same ? "" : "; and another policy");
	int status = print_changes(c, why);
	return status == 0 && popular ? print_popular(c, popular, why) : status;
}

/* Syncs in the copy. Returns 0 and the exit code, or a negative code with the reason: then nothing is known of a sync. */
static int sync_on_trial(const struct trial *trial, bool ask, int *code, struct why *why)
{
	struct sync sync;
	int status = sync_begin(&sync, &trial->config, NULL, why);
	if (status != 0)
		return status;
	sync.cause = "sync";
	sync.result = SYNC_NOTHING;
	sync.trial = true;
	fetch_init();
	sync_all_once(&sync, ask);
	*code = sync_exit_code(&sync);
	sync_end(&sync);
	return signal_end || signal_reload ? why_set(why, -EINTR, "cut off by a signal: nothing is told") : 0;
}

int sync_dry_run(const struct config *config, const char *popular, bool ask)
{
	struct trial trial;
	struct comparison c = {0};
	struct why why, none;
	int status = owner_become(config->state, &why);
	if (status == 0)
		status = trial_begin(&trial, config, &why);
	if (status != 0) {
		log_error("no dry run: %s", why.text);
		return EXIT_TROUBLE;
	}
	log_trouble_only();
	int code = EXIT_TROUBLE;
	status = sync_on_trial(&trial, ask, &code, &why);
	(void)!table_open(&c.old, config->table, &none); /* none is as good as one that cannot be read */
	(void)!table_open(&c.new, trial.config.table, &none);
	if (status == 0)
		status = print_comparison(&c, popular, &why);
	if (status != 0)
		log_error("%s", why.text);
	table_close(&c.old);
	table_close(&c.new);
	trial_end(&trial);
	return status == 0 ? code : EXIT_TROUBLE;
}
