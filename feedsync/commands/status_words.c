/* SPDX-License-Identifier: BSD-3-Clause */
/* `feedsync status` in words. */
#include <stdio.h>
#include <string.h>

#include "feedsync/commands/status.h"
#include "feedsync/commands/status_private.h"
#include "feedsync/publish/local_resolvers.h"

/* "3 min". */
static const char *span(uint64_t from, uint64_t to, char text[32])
{
	uint64_t s = to > from ? to - from : 0;
	if (s < 120)
		snprintf(text, 32, "%llu s", (unsigned long long)s);
	else if (s < 7200)
		snprintf(text, 32, "%llu min", (unsigned long long)s / 60);
	else if (s < 172800)
		snprintf(text, 32, "%llu h", (unsigned long long)s / 3600);
	else
		snprintf(text, 32, "%llu days", (unsigned long long)s / 86400);
	return text;
}

const char *ago_text(uint64_t now, uint64_t then, char text[32])
{
	if (then == 0)
		return "never";
	bool ahead = is_ahead(now, then);
	span(ahead ? now : then, ahead ? then : now, text);
	size_t length = strlen(text);
	snprintf(text + length, 32 - length, "%s", ahead ? " in the future" : " ago");
	return text;
}

static const char *ago(const struct report *r, uint64_t then, char text[32])
{
	return ago_text(r->now, then, text);
}

static void print_feed(const struct report *r, const struct feed *feed)
{
	char current[32], changed[32];
	const char *trouble = report_feed_trouble(r, feed);
	if (feed->unread) {
		printf("feed %s: %s: %s\n", feed->config->name, trouble, feed->record.error);
		return;
	}
	printf("feed %s: %s, current %s, changed %s, %llu entries, %llu not used\n", feed->config->name,
		trouble[0] ? trouble : "well", ago(r, feed->record.current_at, current),
		ago(r, feed->record.changed_at, changed), (unsigned long long)feed->record.tally.entries,
		(unsigned long long)tally_rejected(&feed->record.tally));
	if (feed->record.signed_at > 0)
		printf("  signed %s\n", ago(r, feed->record.signed_at, changed));
	if (feed->record.error[0])
		printf("  last attempt: %s\n", feed->record.error);
	if (feed->record.withheld[0])
		printf("  an older version is in force: %s\n", feed->record.withheld);
	if (feed->record.next_at > 0 && r->running)
		printf("  asked again in %s\n", span(r->now, feed->record.next_at, current));
	if (feed_wait(feed) > 0)
		printf("  its server asks to be left alone for another %llu s\n", (unsigned long long)feed_wait(feed));
	if (feed->record.failures > 1)
		printf("  failed %llu times in a row\n", (unsigned long long)feed->record.failures);
	for (enum reject reject = 0; reject < REJECT_COUNT; reject++)
		if (feed->record.tally.rejected[reject] > 0)
			printf("  not used: %llu, %s\n", (unsigned long long)feed->record.tally.rejected[reject],
				reject_text(reject));
	for (unsigned i = 0; i < feed->record.tally.sample_count; i++)
		printf("  for example %s: %s\n", feed->record.tally.sample[i].text,
			reject_text(feed->record.tally.sample[i].reject));
}

/* In capitals what wants somebody's attention. */
static const char *resolver_condition(const struct report *r, const struct counters_snapshot *resolver)
{
	if (report_resolver_well(r, resolver))
		return "well";
	if (!resolver->alive)
		return "gone";
	if (resolver->state.misplaced)
		return "NOT THE FIRST MODULE";
	return resolver->state.trouble[0] ? "THE FILE OF ITS TABLE CANNOT BE USED" : "ANOTHER GENERATION";
}

static void print_table(const struct report *r, const struct counters_snapshot *resolver, const char *name)
{
	const struct counters_state *s = &resolver->state;
	char when[32];
	if (s->active)
		printf("%s: %s, generation %llu of %s, loaded %s in %llu ms\n", name, resolver_condition(r, resolver),
			(unsigned long long)s->generation, s->table, ago(r, s->loaded_at, when),
			(unsigned long long)s->load_us / 1000);
	else
		printf("%s: NOTHING IS BLOCKED, no table from %s\n", name, s->table);
	if (s->misplaced)
		printf("  modules stand before dynlib in its module-config: what they answer is NOT CHECKED\n");
	if (s->trouble[0])
		printf("  the file, since %s: %s\n", ago(r, s->trouble_at, when), s->trouble);
	if (s->trouble[0] && s->active)
		printf("  in force stays what was read from %s\n", s->file);
	if (s->refused > 0)
		printf("  tables refused: %llu, the last %s: %s\n", (unsigned long long)s->refused,
			ago(r, s->refused_at, when), s->refused_reason);
	if (s->spare_trouble[0])
		printf("  no copy of the table for its next start: %s\n", s->spare_trouble);
}

static void print_resolver(const struct report *r, const struct counters_snapshot *resolver)
{
	const struct counters_state *s = &resolver->state;
	char name[LOCAL_RESOLVER_TEXT];
	local_resolver_text(resolver, name);
	if (!resolver->alive)
		printf("%s: GONE without a word, no other has come in its place; at its end:\n", name);
	if (resolver->newer) {
		printf("%s: NOT KNOWN: its module is newer than this feedsync\n", name);
		return;
	}
	print_table(r, resolver, name);
	printf(" ");
	for (enum counter c = 0; c < COUNTER_COUNT; c++)
		printf(" %s %llu", counter_key(c), (unsigned long long)resolver->count[c]);
	printf("\n  cache walks %llu, messages seen %llu, taken out %llu, the last walk took %llu ms\n",
		(unsigned long long)s->scrubs, (unsigned long long)s->scrub_walked,
		(unsigned long long)s->scrub_evicted, (unsigned long long)s->scrub_last_us / 1000);
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
	char when[32];
	if (run->at == 0 && run->error[0])
		printf("last run: NOT KNOWN: %s\n", run->error);
	else
		printf("last run %s%s%s%s%s\n", is_ahead(r->now, run->at) ? "AHEAD, " : "", ago(r, run->at, when),
			report_run_well(r) ? "" : ", FEEDS NOT PUBLISHED", run->error[0] ? ": " : "", run->error);
}

static void print_hold(const struct report *r)
{
	const struct hold *hold = &r->hold;
	char text[256], when[32];
	if (hold->unseen) {
		printf("hold: NOT KNOWN: %s\n", hold->why.text);
		return;
	}
	hold_text(hold, text);
	printf("HELD%s, %s: nothing new is published until `feedsync resume`\n", text,
		hold->at > 0 ? ago(r, hold->at, when) : "not known since when");
	if (hold->why.text[0])
		printf("  what it says cannot be read: %s\n", hold->why.text);
}

static void print_configuration(const struct report *r)
{
	char when[32];
	if (r->config->copied_at > 0)
		printf("configuration: BROKEN, what was taken into use %s stands in for it\n",
			ago(r, r->config->copied_at, when));
	if (r->outdated)
		printf("configuration: OLDER IN USE: %s has changed since `run` read it; a reload (SIGHUP) makes it "
		       "read "
		       "that again\n",
			r->config->path);
}

static void print_provenance(const struct report *r)
{
	print_configuration(r);
	if (r->doubt[0])
		printf("clock: NOT BELIEVED: %s\n", r->doubt);
	print_run(r);
	if (r->hold.held)
		print_hold(r);
	if (r->history.text[0])
		printf("history: NOT COMPLETE: %s\n", r->history.text);
}

void report_words(const struct report *r)
{
	char when[32];
	if (r->table)
		printf("table %s: generation %llu, made %s, %llu rules, %llu octets\n", r->config->table,
			(unsigned long long)table_header(r->table)->generation,
			ago(r, table_header(r->table)->created, when),
			(unsigned long long)table_header(r->table)->rules, (unsigned long long)table_bytes(r->table));
	else
		printf("table %s: NONE: %s\n", r->config->table, r->why.text);
	print_provenance(r);
	for (size_t i = 0; i < r->config->feed_count; i++)
		print_feed(r, &r->feeds[i]);
	operator_print(&r->config->operator_lists, r->now);
	for (size_t i = 0; i < r->resolver_count; i++) {
		print_resolver(r, &r->resolvers[i]);
		print_hits(r, &r->resolvers[i]);
	}
	if (r->config->run && r->resolver_count == 0)
		printf("NO RESOLVER has live counters in %s (\"run: none\" where there is to be none)\n",
			r->config->run);
}
