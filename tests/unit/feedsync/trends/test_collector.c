/* SPDX-License-Identifier: BSD-3-Clause */
/* The collector beside a process that counts: this one. At each commit the rules' hits and the unattributed ones are, together,
 * what was counted. */
#include "tests/unit/unit.h"

#include <stddef.h>
#include <sys/stat.h>
#include <unistd.h>

#include "feedsync/trends/collector.h"
#include "feedsync/trends/trends_store.h"
#include "libweir/hash.h"
#include "libweir/live/cells_count.h"
#include "libweir/live/cells_file.h"

enum { NOW = 1800000000, HOUR = NOW / 3600 };

static struct counters *counters;
static struct counters_worker *counted;
static struct hits *hits;
static struct hits_worker *hits_part;
static struct cells *cells;
static struct cells_worker *cells_part;
static struct config config;
static char run[200], state[200];
static const uint8_t secret[CLIENT_SECRET] = "how many clients is no accident"; /* else an estimate may miss */

static void begin_process(void)
{
	assert_int_equal(counters_create(&counters, run), 0);
	assert_int_equal(hits_create(&hits, run), 0);
	assert_int_equal(cells_create(&cells, run, 2, secret), 0);
	counted = counters_worker(counters);
	hits_part = hits_worker(hits);
	cells_part = cells_worker(cells);
}

static void end_process(void)
{
	counters_remove(&counters);
	hits_remove(&hits);
	cells_remove(&cells);
}

static int begin(void **context)
{
	if (with_directory(context) != 0)
		return -1;
	snprintf(run, sizeof run, "%s", in_directory("run"));
	snprintf(state, sizeof state, "%s", in_directory("state"));
	if (mkdir(run, 0700) != 0 || mkdir(state, 0700) != 0)
		return -1;
	config = (struct config){.run = run, .state = state};
	config.trends = (struct trends_config){
		.wanted = true, .rules = true, .min_clients = 10, .rules_days = 90, .hours_days = 800};
	begin_process();
	return 0;
}

static int end(void **context)
{
	end_process();
	return all_closed(context);
}

/* As the module does: the counter, the hits, and the cell unless it is left out. */
static void hit(const char *name, enum action action, uint64_t client, bool in_cell)
{
	name_storage wire;
	struct cell_rule rule = {.name = wire,
		.length = wire_of(name, wire),
		.label = cell_label(
			SCOPE_SUBTREE, action, cells_category(cells, "malware"), cells_group(cells, "default"))};
	rule.key = name_key(wire, rule.length, 9);
	counters_add(counted, action == ACTION_LOG ? COUNT_LOGGED : COUNT_BLOCKED_NAME);
	hits_count(hits_part, hits_source(hits, "alpha", "malware"), action);
	if (in_cell)
		cells_count(cells, cells_client_key(cells), cells_part, rule, client, NOW);
}

/* A hit by each of so many clients. */
static void hit_by_clients(const char *name, unsigned clients)
{
	for (unsigned i = 0; i < clients; i++)
		hit(name, ACTION_NXDOMAIN, i + 1, true);
}

struct sums {
	uint64_t rules, blocked, logged, unattributed, opted_out, feeds, groups, lost;
	double low;
	unsigned rows;
};

static void sum_rule(void *context, const struct trends_rule *r)
{
	struct sums *sums = context;
	sums->rules += r->hits;
	sums->low = r->low;
	sums->rows++;
	assert_string_equal(r->category, "malware");
}

static void sum_traffic(void *context, const struct trends_traffic *t)
{
	struct sums *sums = context;
	sums->blocked += t->blocked;
	sums->logged += t->logged;
	sums->unattributed += t->unattributed;
	sums->opted_out += t->opted_out;
	sums->lost += t->lost_minutes;
}

static void sum_feed(void *context, const struct trends_feed_hits *f)
{
	((struct sums *)context)->feeds += f->hits;
}

static void sum_group(void *context, const struct trends_group_hits *g)
{
	((struct sums *)context)->groups += g->hits;
}

static struct sums stored(void)
{
	struct trends *t;
	struct why why;
	struct sums sums = {0};
	assert_int_equal(trends_open(&t, state, false, &why), 0);
	assert_int_equal(trends_rules(t, 0, UINT64_MAX, 0, sum_rule, &sums, &why), 0);
	assert_int_equal(trends_traffics(t, 0, UINT64_MAX, sum_traffic, &sums, &why), 0);
	assert_int_equal(trends_feeds(t, 0, UINT64_MAX, sum_feed, &sums, &why), 0);
	assert_int_equal(trends_groups(t, 0, UINT64_MAX, sum_group, &sums, &why), 0);
	trends_close(&t);
	assert_int_equal(sums.rules + sums.unattributed, sums.blocked + sums.logged);
	return sums;
}

/* What a process counted before anybody collected is not counted; what comes then is, to the last hit. */
static void counting(void **context)
{
	(void)context;
	struct collector c;
	hit_by_clients("before.example", 50);
	collector_begin(&c, &config);
	collector_step(&c, NOW);
	assert_int_equal(stored().blocked, 0);
	hit_by_clients("evil.example", 200);
	for (unsigned i = 0; i < 7; i++)
		hit("trial.example", ACTION_LOG, 1, true);
	counters_add(counted, COUNT_OPTED_OUT);
	hits_pass(hits_part, hits_group(hits, "schools"));
	collector_step(&c, NOW + 5);
	collector_commit(&c, NOW + 5);
	struct sums sums = stored();
	assert_int_equal(sums.blocked, 200);
	assert_int_equal(sums.logged, 7);
	assert_int_equal(sums.unattributed, 0);
	assert_int_equal(sums.rows, 2);
	assert_int_equal(sums.feeds, 207);
	assert_int_equal(sums.groups, 208);
	assert_int_equal(sums.opted_out, 1);
	collector_end(&c);
}

/* A hit that is in no cell is unattributed, once it is sure that it will be in none. */
static void without_cells(void **context)
{
	(void)context;
	struct collector c;
	collector_begin(&c, &config);
	collector_step(&c, NOW);
	for (unsigned i = 0; i < 30; i++)
		hit("evil.example", ACTION_NXDOMAIN, i + 1, i % 3 != 0);
	for (unsigned i = 0; i < 3; i++) {
		collector_step(&c, NOW + 5 * i);
		collector_commit(&c, NOW);
		stored();
	}
	struct sums sums = stored();
	assert_int_equal(sums.blocked, 30);
	assert_int_equal(sums.unattributed, 10);
	/* Where rules are not to be counted none is told to be missing. */
	config.trends.rules = false;
	hit_by_clients("evil.example", 5);
	collector_step(&c, NOW);
	collector_commit(&c, NOW);
	collector_end(&c);
	struct trends *t;
	struct why why;
	sums = (struct sums){0};
	assert_int_equal(trends_open(&t, state, false, &why), 0);
	assert_int_equal(trends_traffics(t, 0, UINT64_MAX, sum_traffic, &sums, &why), 0);
	trends_close(&t);
	assert_int_equal(sums.blocked, 35);
	assert_int_equal(sums.unattributed, 10);
}

/* A collector that begins again goes on from what the one before committed; what came meanwhile counts, but for no rule. */
static void again(void **context)
{
	(void)context;
	struct collector c;
	collector_begin(&c, &config);
	collector_step(&c, NOW);
	hit_by_clients("evil.example", 10);
	collector_step(&c, NOW);
	collector_commit(&c, NOW);
	collector_end(&c);
	hit_by_clients("evil.example", 4);
	collector_begin(&c, &config);
	for (unsigned i = 0; i < 4; i++) {
		collector_step(&c, NOW);
		hit("evil.example", ACTION_NXDOMAIN, i + 1, true);
	}
	for (unsigned i = 0; i < 3; i++)
		collector_step(&c, NOW);
	collector_commit(&c, NOW);
	collector_end(&c);
	struct sums sums = stored();
	assert_int_equal(sums.blocked, 18);
	assert_int_equal(sums.unattributed, 4);
	assert_int_equal(sums.feeds, 18);
	assert_true(sums.low > 8 && sums.low < 12); /* the same clients, under the same key */
}

/* A process that ends and another that begins: nothing is lost of the first one's last hits, and nothing counts twice. */
static void ends_and_begins(void **context)
{
	(void)context;
	struct collector c;
	collector_begin(&c, &config);
	collector_step(&c, NOW);
	hit_by_clients("evil.example", 10);
	end_process();
	begin_process();
	hit_by_clients("evil.example", 6);
	for (unsigned i = 0; i < 4; i++)
		collector_step(&c, NOW);
	collector_commit(&c, NOW);
	assert_int_equal(c.process_count, 1);
	struct sums sums = stored();
	assert_int_equal(sums.blocked, 16);
	assert_int_equal(sums.unattributed, 0);
	assert_int_equal(sums.feeds, 16);
	collector_end(&c);
}

/* The run directory is emptied, and the module makes its files again. */
static void make_files_again(void)
{
	static const char *const kinds[] = {"live", "hits", "cells"};
	for (unsigned i = 0; i < sizeof kinds / sizeof *kinds; i++) {
		char path[300];
		snprintf(path, sizeof path, "%s/%ld.%s", run, (long)getpid(), kinds[i]);
		assert_int_equal(unlink(path), 0);
	}
	assert_int_equal(counters_appear(counters), 1);
	assert_int_equal(hits_appear(hits), 1);
	assert_int_equal(cells_appear(cells), 1);
}

/* Files that are made again tell of the same process, with what it counted before: nothing counts twice, whether the
 * collector sees that happen or begins after it. */
static void made_again(void **context)
{
	(void)context;
	struct collector c;
	struct sums sums;
	unsigned wanted = 0;
	collector_begin(&c, &config);
	collector_step(&c, NOW);
	for (unsigned round = 0; round < 2; round++) {
		hit_by_clients("evil.example", 10);
		collector_step(&c, NOW);
		hit_by_clients("evil.example", 5);
		if (round == 1)
			collector_end(&c);
		make_files_again();
		hit_by_clients("evil.example", 3);
		if (round == 1)
			collector_begin(&c, &config);
		for (unsigned i = 0; i < 4; i++)
			collector_step(&c, NOW);
		hit_by_clients("evil.example", 2);
		collector_step(&c, NOW);
		collector_commit(&c, NOW);
		wanted += 20;
		sums = stored();
		assert_int_equal(sums.blocked, wanted);
		assert_int_equal(sums.feeds, wanted);
		assert_int_equal(c.process_count, 1);
		if (round == 0)
			assert_true(sums.unattributed <= 3);
	}
	collector_end(&c);
}

/* Cells of which a part cannot be read for a while: what was read counts once, and for its rule. What lay in the part is gone
 * here. */
static void read_in_part(void **context)
{
	(void)context;
	struct collector c;
	char path[300];
	struct stat st;
	struct cells_worker *const first = cells_part;
	collector_begin(&c, &config);
	collector_step(&c, NOW);
	hit_by_clients("evil.example", 5);
	cells_part = cells_worker(cells);
	hit("other.example", ACTION_NXDOMAIN, 1, true);
	cells_part = first;
	snprintf(path, sizeof path, "%s/%ld.cells", run, (long)getpid());
	assert_int_equal(stat(path, &st), 0);
	const off_t second = st.st_size - (off_t)sizeof(struct cells_worker);
	assert_int_equal(truncate(path, second + (off_t)offsetof(struct cells_worker, cell)), 0);
	collector_step(&c, NOW);
	collector_commit(&c, NOW);
	stored();
	assert_int_equal(truncate(path, st.st_size), 0);
	for (unsigned i = 0; i < 3; i++)
		collector_step(&c, NOW);
	collector_commit(&c, NOW);
	struct sums sums = stored();
	assert_int_equal(sums.blocked, 6);
	assert_int_equal(sums.rules, 5);
	collector_end(&c);
}

/* A store that cannot be written: what came stays in memory, and is written once it can be. */
static void trouble(void **context)
{
	(void)context;
	struct collector c;
	char path[300];
	snprintf(path, sizeof path, "%s/" TRENDS_FILE, state);
	write_text(path, "this is no database, but it is long enough to have a header of a hundred octets, "
			 "and some more of them\n");
	collector_begin(&c, &config);
	collector_step(&c, NOW);
	hit_by_clients("evil.example", 10);
	collector_step(&c, NOW);
	collector_commit(&c, NOW);
	assert_true(c.store_failed);
	unlink(path);
	collector_commit(&c, NOW);
	assert_false(c.store_failed);
	assert_int_equal(stored().rules, 10);
	collector_commit(&c, NOW);
	assert_int_equal(stored().rules, 10);
	collector_end(&c);
}

/* A store that cannot be opened when the collector begins: that is tried again with each commit, and told once. */
static void no_store(void **context)
{
	(void)context;
	struct collector c;
	assert_int_equal(rmdir(state), 0);
	collector_begin(&c, &config);
	assert_true(c.store_failed);
	collector_step(&c, NOW);
	hit_by_clients("evil.example", 10);
	collector_step(&c, NOW);
	collector_commit(&c, NOW);
	assert_true(c.store_failed);
	assert_int_equal(mkdir(state, 0700), 0);
	collector_commit(&c, NOW);
	assert_false(c.store_failed);
	assert_int_equal(stored().rules, 10);
	collector_end(&c);
}

/* The hour changes: what was read before belongs to the hour before. */
static void hours(void **context)
{
	(void)context;
	struct collector c;
	struct trends *t;
	struct why why;
	struct sums sums = {0};
	collector_begin(&c, &config);
	collector_step(&c, NOW);
	hit("evil.example", ACTION_NXDOMAIN, 1, true);
	collector_step(&c, NOW);
	hit("evil.example", ACTION_NXDOMAIN, 1, true);
	hit("evil.example", ACTION_NXDOMAIN, 1, true);
	collector_step(&c, NOW + 3600);
	collector_commit(&c, NOW + 3600);
	collector_end(&c);
	assert_int_equal(trends_open(&t, state, false, &why), 0);
	assert_int_equal(trends_traffics(t, HOUR, HOUR, sum_traffic, &sums, &why), 0);
	assert_int_equal(sums.blocked, 1);
	assert_int_equal(trends_traffics(t, HOUR + 1, HOUR + 1, sum_traffic, &sums, &why), 0);
	assert_int_equal(sums.blocked, 3);
	trends_close(&t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(counting, begin, end),
		cmocka_unit_test_setup_teardown(without_cells, begin, end),
		cmocka_unit_test_setup_teardown(again, begin, end),
		cmocka_unit_test_setup_teardown(ends_and_begins, begin, end),
		cmocka_unit_test_setup_teardown(made_again, begin, end),
		cmocka_unit_test_setup_teardown(read_in_part, begin, end),
		cmocka_unit_test_setup_teardown(trouble, begin, end),
		cmocka_unit_test_setup_teardown(no_store, begin, end),
		cmocka_unit_test_setup_teardown(hours, begin, end),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
