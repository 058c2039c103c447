/* SPDX-License-Identifier: BSD-3-Clause */
/* `feedsync status` in words. */
#include <stdio.h>
#include <unistd.h>

#include "feedsync/base/clean.h"
#include "feedsync/base/terminal.h"
#include "feedsync/base/timestamp.h"
#include "feedsync/base/units.h"
#include "feedsync/status/status.h"
#include "feedsync/status/status_private.h"
#include "feedsync/publish/local_resolvers.h"

const char *status_ago(const struct report *r, uint64_t then, char text[UNITS_TEXT])
{
	return ago_text(r->now, then, text);
}

static void print_feed(const struct report *r, size_t number)
{
	const struct feed *feed = &r->feeds[number];
	char current[UNITS_TEXT], changed[UNITS_TEXT];
	const char *word = condition_row(r->feed_state[number])->word;
	if (feed->unread) {
		printf("feed %s: %s: %s\n", feed->config->name, word, feed->record.error);
		return;
	}
	printf("feed %s: %s, current %s, changed %s, %llu entries, %llu rejected\n", feed->config->name, word,
		status_ago(r, feed->record.current_at, current), status_ago(r, feed->record.changed_at, changed),
		(unsigned long long)feed->record.parsed.counts.entries,
		(unsigned long long)counts_rejected(&feed->record.parsed.counts));
	if (feed->record.signed_at > 0)
		printf("  signed %s\n", status_ago(r, feed->record.signed_at, changed));
	if (feed->record.error[0])
		printf("  last attempt: %s\n", feed->record.error);
	if (feed->record.edited > 0)
		printf("  %llu event%s being edited, the first of them since %s: its last published version stays in "
		       "force\n",
			(unsigned long long)feed->record.edited, feed->record.edited == 1 ? " is" : "s are",
			status_ago(r, feed->record.edited_at, changed));
	if (feed->record.key_note[0])
		printf("  its key: %s\n", feed->record.key_note);
	if (feed->record.withheld[0])
		printf("  an older version is in force: %s\n", feed->record.withheld);
	if (feed->record.next_at > 0 && r->running)
		printf("  asked again in %s\n",
			span_text(feed->record.next_at > r->now ? feed->record.next_at - r->now : 0, current));
	if (feed_wait(feed) > 0)
		printf("  its server asks to be left alone for another %s\n", span_text(feed_wait(feed), current));
	if (feed->record.failures > 1)
		printf("  failed %llu times in a row\n", (unsigned long long)feed->record.failures);
	for (enum reject reject = 0; reject < REJECT_COUNT; reject++)
		if (feed->record.parsed.counts.rejected[reject] > 0)
			printf("  rejected: %llu, %s\n",
				(unsigned long long)feed->record.parsed.counts.rejected[reject], reject_text(reject));
}

/* Examples of what was rejected. Returns whether there are any. */
static bool print_examples(const struct report *r, size_t number, bool verbose)
{
	const struct feed *feed = &r->feeds[number];
	const struct samples *samples = &feed->record.parsed.samples;
	for (unsigned i = 0; verbose && !feed->unread && i < samples->count; i++)
		printf("  for example %s: %s\n", samples->sample[i].text, reject_text(samples->sample[i].reject));
	return !feed->unread && samples->count > 0;
}

/* How a resolver is, and by which table. */
static void print_table(const struct report *r, size_t number, const char *name)
{
	const struct counters_snapshot *resolver = &r->resolvers[number];
	const struct counters_state *s = &resolver->state;
	enum condition condition = r->resolver_state[number];
	char when[UNITS_TEXT], took[UNITS_TEXT];
	if (condition == RESOLVER_BYPASSED)
		printf("%s: %s until %s; generation %llu of %s is loaded\n", name, condition_row(condition)->word,
			timestamp_text(s->bypass_until, when), (unsigned long long)s->generation, s->table);
	else if ((condition == RESOLVER_INACTIVE || !s->active) && !s->table[0])
		printf("%s: %s\n", name, condition_row(RESOLVER_INACTIVE)->word);
	else if (condition == RESOLVER_INACTIVE || !s->active)
		printf("%s: %s, no table from %s\n", name, condition_row(RESOLVER_INACTIVE)->word, s->table);
	else if (condition == RESOLVER_OUTDATED)
		printf("%s: %s (has %llu, published %llu) of %s, loaded %s in %s\n", name,
			condition_row(condition)->word, (unsigned long long)s->generation,
			(unsigned long long)table_header(r->table)->generation, s->table,
			status_ago(r, s->loaded_at, when), milliseconds_text(s->load_us / 1000, took));
	else
		printf("%s: %s, generation %llu of %s, loaded %s in %s\n", name,
			resolver->alive ? condition_row(condition)->word : "last", (unsigned long long)s->generation,
			s->table, status_ago(r, s->loaded_at, when), milliseconds_text(s->load_us / 1000, took));
	if (s->misplaced)
		printf("  modules stand before dynlib in its module-config: what they answer is NOT CHECKED\n");
	if (s->trouble[0] && !s->table[0])
		printf("  %s\n", s->trouble);
	else if (s->trouble[0])
		printf("  the file, since %s: %s\n", status_ago(r, s->trouble_at, when), s->trouble);
	if (s->trouble[0] && s->active)
		printf("  the table that was read from %s stays in force\n", s->file);
	if (s->refused > 0)
		printf("  tables refused: %llu, the last %s: %s\n", (unsigned long long)s->refused,
			status_ago(r, s->refused_at, when), s->refused_reason);
	if (s->spare_trouble[0])
		printf("  no copy of the table for its next start: %s\n", s->spare_trouble);
}

static void print_resolver(const struct report *r, size_t number)
{
	const struct counters_snapshot *resolver = &r->resolvers[number];
	const struct counters_state *s = &resolver->state;
	char name[LOCAL_RESOLVER_TEXT], took[UNITS_TEXT];
	local_resolver_text(resolver, name);
	if (!resolver->alive)
		printf("%s: %s (pid %lld no longer runs, and no other process has taken its place); its last "
		       "counters:\n",
			name, condition_row(RESOLVER_DEAD)->word, (long long)resolver->pid);
	if (resolver->newer) {
		printf("%s: %s: its module is newer than this feedsync\n", name, condition_row(RESOLVER_NEWER)->word);
		return;
	}
	print_table(r, number, name);
	printf(" ");
	for (enum counter c = 0; c < COUNTER_COUNT; c++)
		printf(" %s %llu", counter_key(c), (unsigned long long)resolver->count[c]);
	printf("\n  cache walks %llu, messages seen %llu, removed %llu, the last walk took %s\n",
		(unsigned long long)s->scrubs, (unsigned long long)s->scrub_walked,
		(unsigned long long)s->scrub_evicted, milliseconds_text(s->scrub_last_us / 1000, took));
}

static void print_unprotected(const struct unprotected *u)
{
	printf("resolver %ld: %s: %s\n", (long)u->pid,
		condition_row(u->certain ? RESOLVER_UNPROTECTED : RESOLVER_UNSEEN)->word, u->reason);
}

/* ---- hits ---- */

static void print_source(void *context, const char *feed, const char *category, const uint64_t count[ACTION_COUNT])
{
	(void)context;
	for (enum action a = 0; a < ACTION_COUNT; a++)
		if (count[a] > 0)
			printf("  %s %llu: feed %s, category %s\n", action_text(a), (unsigned long long)count[a], feed,
				category);
}

static void print_group(void *context, const char *group, uint64_t passed)
{
	(void)context;
	if (passed > 0)
		printf("  passed %llu: group %s\n", (unsigned long long)passed, group);
}

static void print_hits(const struct report *r, const struct counters_snapshot *resolver)
{
	struct hits_reader *reader;
	int status = report_hits(r, resolver, &reader);
	if (status == 0)
		status = hits_each_source(reader, print_source, NULL);
	if (status == 0)
		status = hits_each_group(reader, print_group, NULL);
	if (status != 0)
		printf("  the hits cannot be read: %s\n", error_text(status));
	hits_close(&reader);
}

static void print_run(const struct report *r)
{
	const struct last_run *run = &r->record;
	const char *word = condition_row(r->run_state)->word;
	char when[UNITS_TEXT];
	if (r->run_state == RUN_UNKNOWN) {
		printf("last run: %s: %s\n", word, run->error);
		return;
	}
	printf("last run ");
	if (r->run_state == RUN_AHEAD)
		printf("%s, ", word);
	printf("%s", status_ago(r, run->at, when));
	if (r->run_state == RUN_FAILED || r->run_state == RUN_ALARM)
		printf(", %s", word);
	if (run->error[0])
		printf(": %s", run->error);
	putchar('\n');
}

static void print_hold(const struct report *r)
{
	const struct hold *hold = &r->hold;
	char text[256], when[UNITS_TEXT];
	if (hold->unseen) {
		printf("hold: %s: %s\n", condition_row(HOLD_UNKNOWN)->word, hold->why.text);
		return;
	}
	hold_text(hold, text);
	printf("%s%s, %s: nothing new is published until `feedsync resume`\n", condition_row(HOLD_HELD)->word, text,
		hold->at > 0 ? status_ago(r, hold->at, when) : "not known since when");
	if (hold->why.text[0])
		printf("  who holds it, and since when, cannot be read: %s\n", hold->why.text);
}

static void print_bypass_state(const struct report *r)
{
	char when[UNITS_TEXT];
	if (r->bypass.in_force)
		printf("%s, EVERYTHING PASSES %s (%s%s); `feedsync bypass off` ends it\n",
			condition_row(BYPASS_ON)->word, r->bypass_text, r->bypass.at > 0 ? "begun " : "",
			r->bypass.at > 0 ? status_ago(r, r->bypass.at, when) : "since when is not known");
	else if (r->bypass.why.text[0])
		printf("bypass: %s: %s\n  nothing passes by it; `feedsync bypass on` makes it anew, `feedsync bypass "
		       "off` removes the file\n",
			condition_row(BYPASS_NOT_BELIEVED)->word, r->bypass.why.text);
}

static void print_configuration(const struct report *r)
{
	char when[UNITS_TEXT];
	if (r->config->copied_at > 0)
		printf("configuration: %s, what was taken into use %s stands in for it\n",
			condition_row(CONFIGURATION_BROKEN)->word, status_ago(r, r->config->copied_at, when));
	if (r->outdated)
		printf("configuration: %s: %s has changed since `run` read it; a reload (SIGHUP) makes it read that "
		       "again\n",
			condition_row(CONFIGURATION_OLDER)->word, r->config->path);
	else if (r->edited)
		printf("configuration: %s has changed since it was taken into use; the next `feedsync %s` takes it "
		       "as it is now\n",
			r->config->path, r->config->pull.url ? "pull --once" : "sync");
}

static void print_provenance(const struct report *r)
{
	print_configuration(r);
	if (r->doubt[0])
		printf("clock: %s: %s\n", condition_row(CLOCK_DOUBTED)->word, r->doubt);
	if (!r->config->pull.url)
		print_run(r);
	status_pull_words(r);
	if (r->hold.held)
		print_hold(r);
	if (r->history.text[0])
		printf("history: %s: %s\n", condition_row(HISTORY_INCOMPLETE)->word, r->history.text);
	if (r->trends.text[0])
		printf("trends: %s: %s\n", condition_row(TRENDS_BEHIND)->word, r->trends.text);
}

/* Of each of the guard's lists that is broken what protects in its stead. */
static void print_guard(const struct report *r)
{
	for (size_t i = 0; i < r->guard_trouble_count; i++) {
		const struct list_trouble *trouble = &r->guard_troubles[i];
		char when[UNITS_TEXT];
		printf("guard: %s: %s; ", condition_row(GUARD_LIST)->word, trouble->why.text);
		if (!trouble->stands_in)
			printf("there is no good version of it, so nothing of the feeds is published\n");
		else if (trouble->since > 0)
			printf("its last good version, taken %s, goes on protecting\n",
				status_ago(r, trouble->since, when));
		else
			printf("what was in it goes on protecting\n");
	}
}

static void print_verdict(const struct report *r)
{
	char verdict[VERDICT_TEXT];
	bool colours = terminal_has_colours(STDOUT_FILENO);
	report_verdict(r, verdict);
	if (colours)
		clean_stdout_pass(r->finding_count == 0 ? COLOUR_GREEN : COLOUR_RED);
	printf("%s", verdict);
	if (colours)
		clean_stdout_pass(COLOUR_END);
	putchar('\n');
}

static void print_published(const struct report *r)
{
	char when[UNITS_TEXT], size[UNITS_TEXT];
	if (!r->table) {
		printf("table %s: %s: %s\n", r->config->table, condition_row(TABLE_NONE)->word, r->why.text);
		return;
	}
	printf("table %s: generation %llu, made %s, %llu rules, %s\n", r->config->table,
		(unsigned long long)table_header(r->table)->generation,
		status_ago(r, table_header(r->table)->created, when), (unsigned long long)table_header(r->table)->rules,
		size_text(table_octets(r->table), size));
}

/* Whether the published table decides for the name what the operator has said by command. */
static bool decides_as_given(const struct table *table, const struct operator_item *item)
{
	struct match match;
	bool blocks = table_lookup(table, item->wire, item->length, &match) &&
		      table_policy(table)->verdicts[match.verdict].decision == DECISION_BLOCK;
	return blocks == (item->kind == RULE_BLOCK);
}

/* What was allowed and blocked by command. A rollback brings back a table of before. */
static void print_overrides(const struct report *r)
{
	for (size_t i = 0; i < r->overrides.lists.count; i++) {
		struct operator_item *item = &r->overrides.lists.item[i];
		operator_print(&(struct operator_lists){.item = item, .count = 1}, r->now);
		if (r->table && !operator_expired(item, r->now) && !decides_as_given(r->table, item))
			printf("  NOT IN FORCE: the published table decides otherwise; the same command again puts it "
			       "in "
			       "force\n");
	}
}

void status_words(const struct report *r, bool verbose)
{
	bool has_examples = false;
	print_verdict(r);
	print_bypass_state(r);
	print_published(r);
	print_provenance(r);
	print_guard(r);
	for (size_t i = 0; i < r->config->feed_count; i++) {
		print_feed(r, i);
		has_examples |= print_examples(r, i, verbose);
	}
	if (has_examples && !verbose)
		printf("examples of what was rejected: `feedsync status -v`\n");
	status_words_outputs(r);
	operator_print(&r->config->operator_lists, r->now);
	print_overrides(r);
	for (size_t i = 0; i < r->resolver_count; i++) {
		print_resolver(r, i);
		print_hits(r, &r->resolvers[i]);
	}
	for (size_t i = 0; i < r->unprotected_count; i++)
		print_unprotected(&r->unprotected[i]);
	if (r->config->run && r->resolver_count == 0 && r->unprotected_count == 0)
		printf("%s has live counters in %s (write \"run: none\" if this machine has no resolver)\n",
			condition_row(RESOLVER_NONE)->word, r->config->run);
}
