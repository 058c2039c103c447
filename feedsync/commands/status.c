/* SPDX-License-Identifier: BSD-3-Clause */
#include "feedsync/commands/status.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "feedsync/base/act_as_owner.h"
#include "feedsync/base/log.h"
#include "feedsync/base/maxima.h"
#include "feedsync/base/wall_clock.h"
#include "feedsync/base/xalloc.h"
#include "feedsync/commands/commands.h"
#include "feedsync/commands/status_private.h"
#include "feedsync/config/in_use.h"
#include "feedsync/feeds/signature.h"
#include "feedsync/publish/history.h"
#include "feedsync/publish/local_resolvers.h"
#include "feedsync/publish/state_dir.h"

/* Whether what is published is in the log. Before the first run there is none; a run logs at its end. */
static void check_history(struct report *r)
{
	struct history *history = NULL;
	uint64_t generation = r->table ? table_header(r->table)->generation : 0;
	if (r->record.at == 0 || (!r->record.ended && r->running) || generation == 0)
		return;
	int status = history_open(&history, r->config->state, false, &r->history);
	if (status == 0)
		status = history_has(history, generation, &r->history);
	if (status == 0)
		why_set(&r->history, 0, "generation %llu is not in it; the last run's messages say why",
			(unsigned long long)generation);
	history_close(&history);
}

/* What is kept in the state directory, and the table. */
static void gather_state(struct report *r, const struct config *config)
{
	last_run_begin_clock(config);
	r->now = wall_now();
	wall_doubt(r->doubt);
	r->feeds = xcalloc(config->feed_count, sizeof *r->feeds);
	for (size_t i = 0; i < config->feed_count; i++)
		feed_begin(&r->feeds[i], &config->feeds[i], config->state);
	if (table_open(&r->table, config->table, &r->why) != 0)
		r->table = NULL;
	last_run_read(&r->record, config->state);
	r->running = state_dir_is_locked(config->state);
	r->outdated = config->copied_at == 0 && r->running && r->record.resident && !config_is_in_use(config);
	hold_read(&r->hold, config->state);
	check_history(r);
}

/* Root looks at that as its owner does; what resolvers show of themselves may be closed to that one. Returns 0 or -1. */
static int gather_report(struct report *r, const struct config *config)
{
	struct owner owner;
	struct owner_visit visit;
	struct why why;
	*r = (struct report){.config = config};
	if (owner_of(config->state, &owner, &why) != 0 || owner_enter(&visit, &owner, &why) != 0) {
		log_error("state: %s", why.text);
		return -1;
	}
	gather_state(r, config);
	owner_leave(&visit);
	r->resolvers = local_resolvers_find(config->run, &r->resolver_count);
	return 0;
}

static void release_report(struct report *r)
{
	for (size_t i = 0; i < r->config->feed_count; i++)
		feed_end(&r->feeds[i]);
	free(r->feeds);
	free(r->resolvers);
	table_close(&r->table);
}

bool is_ahead(uint64_t now, uint64_t then)
{
	return then > now + MAX_CLOCK_STEP_S;
}

/* What keeps a feed from being well; "" if nothing does. `run` asks for each feed in its interval; who runs `sync` by a
 * timer of his own may do so once a day. */
const char *report_feed_trouble(const struct report *r, const struct feed *feed)
{
	uint64_t old = (uint64_t)feed->config->interval_s * 3 + FETCH_TIMEOUT_S;
	if (!r->record.resident && old < ONE_DAY_S + ONE_DAY_S / 12)
		old = ONE_DAY_S + ONE_DAY_S / 12;
	if (feed->unread)
		return "NOT KNOWN";
	if (feed->record.alarm != ALARM_NONE || feed->record.withheld[0])
		return "ALARM";
	if (feed->record.failures > 0 || feed->record.current_at == 0)
		return "FAILING";
	if (is_ahead(r->now, feed->record.current_at))
		return "AHEAD";
	if (feed->record.current_at + old < r->now)
		return "STALE";
	if (signature_is_old(feed->record.signed_at, feed->config->trust.max_age_s, r->now))
		return "SIGNED LONG AGO";
	if (feed->config->max_unchanged_s > 0 && feed->record.changed_at + feed->config->max_unchanged_s < r->now)
		return "UNCHANGED";
	if (feed->record.tally.entries == 0 && !feed_may_be_empty(feed, &feed->record.tally))
		return "EMPTY";
	return "";
}

bool report_feed_well(const struct report *r, const struct feed *feed)
{
	return report_feed_trouble(r, feed)[0] == '\0';
}

/* A resolver may read its table under another name than feedsync (a chroot, a copy): only one that reads the same path
 * can be compared. */
bool report_resolver_well(const struct report *r, const struct counters_snapshot *resolver)
{
	const struct counters_state *s = &resolver->state;
	if (!resolver->alive || resolver->newer || !s->active || s->misplaced || s->trouble[0])
		return false;
	return !r->table || strcmp(s->table, r->config->table) != 0 ||
	       s->generation == table_header(r->table)->generation;
}

/* A run that has not ended is under way, or it has died. */
bool report_run_well(const struct report *r)
{
	return r->record.error[0] == '\0' || (!r->record.ended && r->running);
}

bool report_all_well(const struct report *r)
{
	bool well = r->table && report_run_well(r) && (!r->config->run || r->resolver_count > 0);
	well &= r->doubt[0] == '\0' && !is_ahead(r->now, r->record.at) && !r->hold.held && r->history.text[0] == '\0';
	well &= !r->outdated && r->config->copied_at == 0;
	for (size_t i = 0; i < r->config->feed_count; i++)
		well &= report_feed_well(r, &r->feeds[i]);
	for (size_t i = 0; i < r->resolver_count; i++)
		well &= report_resolver_well(r, &r->resolvers[i]);
	return well;
}

int report_hits(const struct report *r, const struct counters_snapshot *resolver, struct hits_reader **reader)
{
	char path[4096];
	snprintf(path, sizeof path, "%s/%s.hits", r->config->run, resolver->name);
	*reader = NULL;
	return hits_open(reader, path);
}

static int cmd_status(struct invocation *invocation)
{
	struct report report;
	if (gather_report(&report, invocation->config) != 0)
		return EXIT_TROUBLE;
	if (option_given(invocation, "--json"))
		report_json(&report);
	else
		report_words(&report);
	int code = report_all_well(&report) ? EXIT_WELL : EXIT_ATTENTION;
	release_report(&report);
	return code;
}

const struct command command_status = {
	.word = "status",
	.usage = "[--json]",
	.summary = "tell how the feeds and the resolvers are",
	.text = "Reads only. Run it as root or as the user of `feedsync run`: to others the state directory is "
		"closed.\n",
	.configuration = CONFIGURATION_IN_USE,
	.options = {{"--json", NULL, NULL, "print JSON"}},
	.exits = {{EXIT_WELL, "all is well"}, {EXIT_ATTENTION, "something needs attention, or cannot be seen"},
		{EXIT_TROUBLE, "there is no configuration that can be used"}},
	.run = cmd_status,
};
