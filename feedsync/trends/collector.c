/* SPDX-License-Identifier: BSD-3-Clause */
#include "feedsync/trends/collector.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "feedsync/base/clock.h"
#include "feedsync/base/wall_clock.h"
#include "feedsync/base/log.h"
#include "feedsync/base/maxima.h"
#include "feedsync/trends/hit_digest_outbox.h"
#include "feedsync/trends/queries_command.h"
#include "feedsync/trends/trends_store.h"
#include "libweir/errors.h"
#include "libweir/live/shm_file.h"

enum { HOUR_S = 3600, MINUTE_S = 60, HOURS_OF_DAY = 24 };

/* The collector's own counts in the store: when it was written last, and the queries in all as they were added last. */
static const char own_id[] = "collector", written_word[] = "written", queries_word[] = "queries";

/* ---- the store ---- */

struct own_counts {
	uint64_t written, queries;
	bool queries_known;
};

static void take_own_count(void *context, const char *what, uint64_t count)
{
	struct own_counts *own = context;
	if (strcmp(what, written_word) == 0)
		own->written = count;
	if (strcmp(what, queries_word) == 0) {
		own->queries = count;
		own->queries_known = true;
	}
}

int collector_written_at(struct trends *trends, uint64_t *at, struct why *why)
{
	struct own_counts own = {0};
	int status = trends_counts(trends, own_id, take_own_count, &own, why);
	*at = own.written;
	return status;
}

static void tell_store(struct collector *c, int status, const struct why *why)
{
	if (status != 0 && !c->store_failed)
		log_error("trends: %s; blocking goes on, and what was hit is kept in memory until it can be written",
			why->text);
	if (status == 0 && c->store_failed)
		log_info("trends: written again");
	c->store_failed = status != 0;
}

/* Opens the store, and takes over what the collector before has left there. */
static void open_store(struct collector *c)
{
	struct why why;
	struct own_counts own = {0};
	int status = trends_open(&c->store, c->config->state, true, &why);
	if (status == 0)
		status = trends_counts(c->store, own_id, take_own_count, &own, &why);
	if (status != 0) {
		trends_close(&c->store);
		tell_store(c, status, &why);
		return;
	}
	if (own.written == 0 || c->looked)
		return;
	c->collected_before = true;
	c->queries_added = own.queries;
	c->queries_added_known = own.queries_known;
	uint64_t now = wall_now();
	if (now > own.written + MINUTE_S)
		c->lost_minutes = (now - own.written) / MINUTE_S - 1;
}

void collector_begin(struct collector *collector, const struct config *config)
{
	*collector = (struct collector){.config = config};
	open_store(collector);
}

/* ---- processes ---- */

static bool is_followed(const struct collector *c, const char *name)
{
	for (size_t i = 0; i < c->process_count; i++)
		if (strcmp(c->process[i].name, name) == 0 && counted_process_is_current(&c->process[i], c->config->run))
			return true;
	return false;
}

static void follow_process(struct collector *c, const char *name)
{
	if (is_followed(c, name))
		return;
	for (size_t i = 0; i < c->process_count; i++)
		if (counted_process_renew(&c->process[i], c->config->run, name, c->config->trends.rules))
			return;
	if (c->process_count == SHARED_MAX_FILES)
		return;
	struct counted_process *list = realloc(c->process, (c->process_count + 1) * sizeof *list);
	if (!list)
		return;
	c->process = list;
	if (counted_process_open(&list[c->process_count], c->config->run, name, !c->collected_before, c->store) == 0)
		c->process_count++;
}

static void find_processes(struct collector *c)
{
	DIR *dir = opendir(c->config->run);
	for (struct dirent *entry; dir && (entry = readdir(dir));) {
		char name[SHARED_NAME];
		if (!shm_file_name_valid(entry->d_name, &shared_live))
			continue;
		snprintf(name, sizeof name, "%.*s", (int)strcspn(entry->d_name, "."), entry->d_name);
		follow_process(c, name);
	}
	if (dir)
		closedir(dir);
	/* Who comes from now on has counted nothing before. */
	c->collected_before = c->looked = true;
}

/* A process whose last values are in the store is not followed any more. */
static void drop_ended(struct collector *c)
{
	size_t left = 0;
	for (size_t i = 0; i < c->process_count; i++) {
		if (c->process[i].ended)
			counted_process_close(&c->process[i]);
		else
			c->process[left++] = c->process[i];
	}
	c->process_count = left;
}

/* ---- a commit ---- */

/* Asks for the queries in all once a minute, if a command is configured. Whoever resets the resolver's statistics begins
 * them anew. */
static void ask_queries(struct collector *c)
{
	const struct trends_config *trends = &c->config->trends;
	struct why why;
	uint64_t queries;
	if (trends->query_words == 0 ||
		(c->queries_asked_ms > 0 && clock_ms() < c->queries_asked_ms + MINUTE_S * UINT64_C(1000)))
		return;
	c->queries_asked_ms = clock_ms();
	int status = queries_command_run(trends->queries, trends->query_words, &queries, &why);
	if (status != 0 && !c->queries_failed)
		log_warning("trends: queries: %s; the share of all traffic is not known", why.text);
	if (status == 0 && c->queries_failed)
		log_info("trends: queries: told again");
	c->queries_failed = status != 0;
	c->queries_known = status == 0;
	if (status == 0)
		c->queries = queries;
}

static void add_own_counts(struct collector *c, uint64_t now)
{
	struct trends_traffic traffic = {.hour = c->hour, .lost_minutes = c->lost_minutes};
	if (c->queries_known && c->queries_added_known) {
		traffic.queries_known = true;
		traffic.queries = c->queries >= c->queries_added ? c->queries - c->queries_added : c->queries;
	}
	trends_add_traffic(c->store, &traffic);
	trends_put_count(c->store, own_id, written_word, now);
	if (c->queries_known)
		trends_put_count(c->store, own_id, queries_word, c->queries);
}

static int write_minute(struct collector *c, uint64_t now, struct why *why)
{
	uint64_t today = now / HOUR_S / HOURS_OF_DAY;
	char doubt[WALL_DOUBT];
	trends_begin(c->store);
	if (!c->forgotten_day) /* those that ended while nobody collected */
		trends_forget_processes(c->store, own_id);
	for (size_t i = 0; i < c->process_count; i++) {
		counted_process_add(&c->process[i], c->store, c->hour, !c->forgotten_day);
		if (c->process[i].ended)
			trends_forget_process(c->store, c->process[i].id);
	}
	add_own_counts(c, now);
	/* A clock that is not believed must not make all of it old. */
	if (today != c->forgotten_day && !wall_doubt(doubt))
		trends_forget(c->store, today, c->config->trends.rules_days, c->config->trends.hours_days);
	int status = trends_commit(c->store, why);
	if (status == 0)
		c->forgotten_day = today;
	return status;
}

/* Hours before the one at hand are whole. */
static void make_digests(struct collector *c)
{
	struct why why;
	int status = hit_digests_make_due(c->store, c->config, c->hour, &why);
	if (status != 0 && !c->digest_failed)
		log_error("trends: digests: %s; they are made when that is over", why.text);
	if (status == 0 && c->digest_failed)
		log_info("trends: digests: made again");
	c->digest_failed = status != 0;
}

void collector_commit(struct collector *collector, uint64_t now)
{
	struct collector *c = collector;
	struct why why;
	if (!c->looked)
		return;
	c->committed_ms = clock_ms();
	ask_queries(c);
	if (!c->store)
		open_store(c);
	if (!c->store)
		return;
	int status = write_minute(c, now, &why);
	tell_store(c, status, &why);
	if (status != 0) {
		/* A file that was damaged or replaced is opened anew. */
		trends_close(&c->store);
		return;
	}
	for (size_t i = 0; i < c->process_count; i++)
		counted_process_committed(&c->process[i]);
	if (c->queries_known) {
		c->queries_added = c->queries;
		c->queries_added_known = true;
	}
	c->lost_minutes = 0;
	drop_ended(c);
	make_digests(c);
}

static size_t count_rules(const struct collector *c)
{
	size_t count = 0;
	for (size_t i = 0; i < c->process_count; i++)
		count += c->process[i].rules.count;
	return count;
}

void collector_step(struct collector *collector, uint64_t now)
{
	struct collector *c = collector;
	bool first = !c->looked;
	if (c->hour != 0 && c->hour != now / HOUR_S)
		collector_commit(c, now);
	c->hour = now / HOUR_S;
	if (c->read_ms > 0 && clock_ms() > c->read_ms + MINUTE_S * UINT64_C(1000))
		c->lost_minutes += (clock_ms() - c->read_ms) / (MINUTE_S * UINT64_C(1000));
	c->read_ms = clock_ms();
	find_processes(c);
	for (size_t i = 0; i < c->process_count; i++)
		/* What cannot be read is read the next time. */
		if (!c->process[i].ended &&
			counted_process_read(&c->process[i], c->config->run, c->config->trends.rules) != 0)
			continue;
	/* Where much is hit, commits come earlier, so that none takes long. */
	if (first || count_rules(c) >= COMMIT_RULES || clock_ms() >= c->committed_ms + MINUTE_S * UINT64_C(1000))
		collector_commit(c, now);
}

void collector_end(struct collector *collector)
{
	for (size_t i = 0; i < collector->process_count; i++)
		counted_process_close(&collector->process[i]);
	free(collector->process);
	trends_close(&collector->store);
	*collector = (struct collector){0};
}
