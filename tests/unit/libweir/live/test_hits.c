/* SPDX-License-Identifier: BSD-3-Clause */
/* Hits: counts, names, and rings read while they are written. */
#include "tests/unit/unit.h"

#include <dirent.h>
#include <errno.h>
#include <pthread.h>
#include <unistd.h>

#include "libweir/live/hits.h"

static char directory[] = "/tmp/weir-unit-XXXXXX", path[64];

static int begin(void **state)
{
	(void)state;
	if (directory_make(directory) != 0)
		return -1;
	snprintf(path, sizeof path, "%s/%ld.hits", directory, (long)getpid());
	return 0;
}

static int end(void **state)
{
	(void)state;
	return rmdir(directory); /* nothing may be left */
}

static char seen[1024];

static void see_source(void *context, const char *feed, const char *category, const uint64_t count[ACTION_COUNT])
{
	(void)context;
	snprintf(seen + strlen(seen), sizeof seen - strlen(seen), "%s/%s %llu %llu;", feed, category,
		(unsigned long long)count[ACTION_LOG], (unsigned long long)count[ACTION_NXDOMAIN]);
}

static void see_group(void *context, const char *group, uint64_t passed)
{
	(void)context;
	snprintf(seen + strlen(seen), sizeof seen - strlen(seen), "%s %llu;", group, (unsigned long long)passed);
}

static void counts(void **state)
{
	(void)state;
	struct hits *hits;
	struct hits_reader *reader;
	assert_int_equal(hits_create(&hits, directory), 0);
	uint16_t a = hits_source(hits, "a", "x"), b = hits_source(hits, "a", "y");
	assert_int_not_equal(a, b);
	assert_int_equal(hits_source(hits, "a", "x"), a);
	uint16_t group = hits_group(hits, "free");
	struct hits_worker *one = hits_worker(hits), *two = hits_worker(hits);
	hits_count(one, a, ACTION_LOG);
	hits_count(two, a, ACTION_LOG);
	hits_count(two, b, ACTION_NXDOMAIN);
	hits_pass(one, group);
	assert_int_equal(hits_open(&reader, path), 0);
	assert_true(hits_is_current(reader, path));
	assert_false(hits_is_current(reader, directory));
	seen[0] = '\0';
	assert_int_equal(hits_each_source(reader, see_source, NULL), 0);
	assert_string_equal(seen, "others/others 0 0;a/x 2 0;a/y 0 1;");
	seen[0] = '\0';
	assert_int_equal(hits_each_group(reader, see_group, NULL), 0);
	assert_string_equal(seen, "default 0;free 1;");
	assert_string_equal(hits_feed_name(reader, a), "a");
	assert_string_equal(hits_category_name(reader, b), "y");
	assert_string_equal(hits_group_name(reader, group), "free");
	assert_string_equal(hits_feed_name(reader, 999), "?");
	assert_string_equal(hits_group_name(reader, 65535), "?");
	/* More than there is room for. */
	for (unsigned i = 0; i < HITS_SOURCES + 10; i++) {
		char name[16];
		snprintf(name, sizeof name, "f%u", i);
		assert_int_equal(hits_source(hits, name, "x") != 0, i + 3 < HITS_SOURCES);
		assert_int_equal(hits_group(hits, name) != 0, i + 2 < HITS_GROUPS);
	}
	hits_close(&reader);
	hits_remove(&hits);
	assert_int_equal(hits_open(&reader, path), -ENOENT);
}

/* A hit that shows whether it is torn. */
static struct hit make_hit(uint64_t number)
{
	struct hit hit = {.at_us = number, .rule_length = NAME_MAX_WIRE};
	for (unsigned i = 0; i < NAME_MAX_WIRE; i++)
		hit.rule[i] = (uint8_t)(number * 31 + i);
	return hit;
}

static bool is_whole(const struct hit *hit)
{
	const struct hit wanted = make_hit(hit->at_us);
	return memcmp(hit->rule, wanted.rule, sizeof wanted.rule) == 0;
}

enum { EVENTS = 200000, BATCH = 50 };

static void *write_events(void *argument)
{
	for (uint64_t i = 0; i < EVENTS; i++) {
		const struct hit hit = make_hit(i);
		hits_write(argument, &hit);
	}
	return NULL;
}

static void rings(void **state)
{
	(void)state;
	struct hits *hits;
	struct hits_reader *reader, *late;
	struct hit list[BATCH];
	pthread_t writer;
	assert_int_equal(hits_create(&hits, directory), 0);
	struct hits_worker *worker = hits_worker(hits);
	assert_int_equal(hits_open(&reader, path), 0);
	assert_int_equal(hits_read(reader, list, BATCH), 0);
	assert_int_equal(pthread_create(&writer, NULL, write_events, worker), 0);
	uint64_t got = 0, next = 0;
	while (got + hits_lost(reader) < EVENTS) {
		int count = hits_read(reader, list, BATCH);
		assert_true(count >= 0);
		for (int i = 0; i < count; i++) {
			assert_true(is_whole(&list[i]));
			assert_true(list[i].at_us >= next);
			next = list[i].at_us + 1;
		}
		got += (uint64_t)count;
	}
	pthread_join(writer, NULL);
	assert_int_equal(hits_read(reader, list, BATCH), 0);
	/* Who comes late gets the last ones. */
	assert_int_equal(hits_open(&late, path), 0);
	assert_int_equal(hits_read(late, list, BATCH), BATCH);
	assert_int_equal(hits_lost(late), 0); /* what was there before is no loss of its */
	assert_int_equal(list[0].at_us, EVENTS - HITS_RING);
	hits_close(&reader);
	hits_close(&late);
	hits_remove(&hits);
}

static void nowhere(void **state)
{
	(void)state;
	struct hits *hits;
	assert_int_equal(hits_create(&hits, "/nonexistent"), -ENOENT);
	struct hits_worker *worker = hits_worker(hits);
	hits_count(worker, hits_source(hits, "a", "b"), ACTION_DROP);
	hits_remove(&hits);
	hits_remove(&hits);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(counts, begin, end),
		cmocka_unit_test_setup_teardown(rings, begin, end),
		cmocka_unit_test(nowhere),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
