/* SPDX-License-Identifier: BSD-3-Clause */
/* Hits: counts, names, and rings read while they are written. */
#include "tests/unit/unit.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sys/stat.h>
#include <unistd.h>

#include "libweir/live/hits.h"

static char path[64];

static int begin(void **state)
{
	int status = with_directory(state);
	snprintf(path, sizeof path, "%s/%ld.hits", test_directory, (long)getpid());
	return status;
}

static int end(void **state)
{
	/* Nothing may be left in it. */
	return rmdir(test_directory) == 0 && mkdir(test_directory, 0700) == 0 ? all_closed(state) : -1;
}

static char seen[1024];

static void see_source(void *context, const char *feed, const char *category, const uint64_t count[ACTION_COUNT])
{
	(void)context;
	size_t used = strlen(seen);
	used += (size_t)snprintf(seen + used, sizeof seen - used, "%s/%s", feed, category);
	for (enum action a = 0; a < ACTION_COUNT; a++)
		if (count[a] > 0)
			used += (size_t)snprintf(seen + used, sizeof seen - used, " %s %llu", action_text(a),
				(unsigned long long)count[a]);
	snprintf(seen + used, sizeof seen - used, ";");
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
	assert_int_equal(hits_create(&hits, test_directory), 0);
	uint16_t a = hits_source(hits, "a", "x"), b = hits_source(hits, "a", "y");
	assert_int_not_equal(a, b);
	assert_int_equal(hits_source(hits, "a", "x"), a);
	uint16_t group = hits_group(hits, "free"), other = hits_group(hits, "other");
	assert_int_not_equal(group, other);
	assert_int_equal(hits_group(hits, "free"), group);
	struct hits_worker *one = hits_worker(hits), *two = hits_worker(hits);
	hits_count(one, a, ACTION_LOG);
	hits_count(two, a, ACTION_LOG);
	hits_count(two, b, ACTION_NXDOMAIN);
	hits_pass(one, group);
	assert_int_equal(hits_open(&reader, path), 0);
	assert_true(hits_is_current(reader, path));
	assert_false(hits_is_current(reader, test_directory));
	seen[0] = '\0';
	assert_int_equal(hits_each_source(reader, see_source, NULL), 0);
	assert_string_equal(seen, "others/others;a/x log 2;a/y nxdomain 1;");
	seen[0] = '\0';
	assert_int_equal(hits_each_group(reader, see_group, NULL), 0);
	assert_string_equal(seen, "default 0;free 1;other 0;");
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
		assert_int_equal(hits_group(hits, name) != 0, i + 3 < HITS_GROUPS);
	}
	assert_string_equal(hits_feed_name(reader, HITS_SOURCES), "?");
	assert_string_equal(hits_group_name(reader, HITS_GROUPS), "?");
	hits_close(&reader);
	assert_null(reader);
	hits_close(&reader);
	hits_remove(&hits);
	assert_null(hits);
	assert_int_equal(hits_open(&reader, path), -ENOENT);
}

/* Each action has a count of its own. More workers than parts share them, and nothing is lost. */
static void all_workers(void **state)
{
	(void)state;
	enum { WORKERS = HITS_WORKERS + 6 };
	struct hits *hits;
	struct hits_reader *reader;
	struct hits_worker *part[WORKERS];
	struct hit list[WORKERS + 1];
	assert_int_equal(hits_create(&hits, test_directory), 0);
	uint16_t source = hits_source(hits, "a", "x"), group = hits_group(hits, "free");
	for (unsigned w = 0; w < WORKERS; w++) {
		part[w] = hits_worker(hits);
		for (unsigned other = 0; other < w && w < HITS_WORKERS; other++)
			assert_ptr_not_equal(part[w], part[other]);
		assert_ptr_equal(part[w], part[w % HITS_WORKERS]);
		for (enum action a = 0; a < ACTION_COUNT; a++)
			for (unsigned times = 0; times <= a; times++)
				hits_count(part[w], source, a);
		hits_pass(part[w], group);
	}
	assert_int_equal(hits_open(&reader, path), 0);
	for (unsigned w = 0; w < WORKERS; w++)
		hits_write(part[w], &(struct hit){.at_us = w});
	seen[0] = '\0';
	assert_int_equal(hits_each_source(reader, see_source, NULL), 0);
	assert_string_equal(seen,
		"others/others;a/x allow 70 log 140 redirect 210 sinkhole 280 truncate 350 nodata 420 "
		"nxdomain 490 refused 560 drop 630;");
	seen[0] = '\0';
	assert_int_equal(hits_each_group(reader, see_group, NULL), 0);
	assert_string_equal(seen, "default 0;free 70;");
	/* Not more at a time than there is room for; the next call goes on there. */
	assert_int_equal(hits_read(reader, list, 5), 5);
	assert_int_equal(hits_read(reader, list + 5, WORKERS + 1 - 5), WORKERS - 5);
	bool got[WORKERS] = {false};
	for (unsigned i = 0; i < WORKERS; i++)
		got[list[i].at_us] = true;
	for (unsigned i = 0; i < WORKERS; i++)
		assert_true(got[i]);
	assert_int_equal(hits_lost(reader), 0);
	hits_close(&reader);
	hits_remove(&hits);
}

/* An event that is being written is waited for; one that has been written over is lost. */
static void events_in_between(void **state)
{
	(void)state;
	struct hits *hits;
	struct hits_reader *reader;
	struct hit hit;
	assert_int_equal(hits_create(&hits, test_directory), 0);
	struct hits_worker *worker = hits_worker(hits);
	assert_int_equal(hits_open(&reader, path), 0);
	for (uint64_t i = 0; i < 3; i++)
		hits_write(worker, &(struct hit){.at_us = i});
	atomic_store(&worker->ring[0].number, 0);
	assert_int_equal(hits_read(reader, &hit, 1), 0);
	assert_int_equal(hits_lost(reader), 0);
	atomic_store(&worker->ring[0].number, 1 + HITS_RING);
	assert_int_equal(hits_read(reader, &hit, 1), 1);
	assert_int_equal(hits_lost(reader), 1);
	assert_int_equal(hit.at_us, 1);
	assert_int_equal(hits_read(reader, &hit, 1), 1);
	assert_int_equal(hit.at_us, 2);
	hits_close(&reader);
	hits_remove(&hits);
}

static void count_source(void *context, const char *feed, const char *category, const uint64_t count[ACTION_COUNT])
{
	(void)feed;
	(void)category;
	(void)count;
	++*(unsigned *)context;
}

static void count_group(void *context, const char *group, uint64_t passed)
{
	(void)group;
	(void)passed;
	++*(unsigned *)context;
}

/* Where these are in the file (shm_file.h, hits.h). */
enum { VERSION_AT = 8, SIZE_AT = 12, COUNTS_AT = 32, SOURCE_AT = COUNTS_AT + 12, NAME = POLICY_MAX_NAME + 1 };
enum { GROUP_AT = SOURCE_AT + HITS_SOURCES * 2 * NAME };

/* What a file holds is believed only as far as it can be shown: a name without an end, and one that is none, which takes
 * the good one beside it along. */
static void hostile_names(void **state)
{
	(void)state;
	struct hits *hits;
	struct hits_reader *reader;
	char name[NAME];
	assert_int_equal(hits_create(&hits, test_directory), 0);
	uint16_t source = hits_source(hits, "a", "x"), group = hits_group(hits, "free");
	assert_int_equal(hits_open(&reader, path), 0);
	int fd = open(path, O_RDWR | O_CLOEXEC);
	memset(name, 'x', sizeof name);
	assert_int_equal(pwrite(fd, name, NAME, SOURCE_AT + source * 2 * NAME), NAME);
	assert_int_equal(pwrite(fd, name, NAME, SOURCE_AT + source * 2 * NAME + NAME), NAME);
	assert_int_equal(pwrite(fd, name, NAME, GROUP_AT + group * NAME), NAME);
	assert_int_equal(strlen(hits_feed_name(reader, source)), POLICY_MAX_NAME);
	assert_int_equal(strlen(hits_category_name(reader, source)), POLICY_MAX_NAME);
	assert_int_equal(strlen(hits_group_name(reader, group)), POLICY_MAX_NAME);
	assert_int_equal(pwrite(fd, "\x1b[1m", 5, SOURCE_AT + source * 2 * NAME), 5);
	assert_string_equal(hits_feed_name(reader, source), "?");
	assert_string_equal(hits_category_name(reader, source), "?");
	assert_int_equal(pwrite(fd, "\x1b[1m", 5, GROUP_AT + group * NAME), 5);
	assert_string_equal(hits_group_name(reader, group), "?");
	close(fd);
	hits_close(&reader);
	hits_remove(&hits);
}

/* More of everything than there can be; and a file that is cut while it is open, in the parts of the workers and before
 * the names. */
static void hostile_counts(void **state)
{
	(void)state;
	struct hits *hits;
	struct hits_reader *reader;
	struct hit hit;
	unsigned groups = 0, sources = 0;
	const uint32_t most[] = {UINT32_MAX, UINT32_MAX, UINT32_MAX};
	assert_int_equal(hits_create(&hits, test_directory), 0);
	assert_int_equal(hits_open(&reader, path), 0);
	int fd = open(path, O_RDWR | O_CLOEXEC);
	assert_int_equal(pwrite(fd, most, sizeof most, COUNTS_AT), sizeof most);
	assert_int_equal(hits_each_group(reader, count_group, &groups), 0);
	assert_int_equal(hits_each_source(reader, count_source, &sources), 0);
	assert_int_equal(groups, HITS_GROUPS);
	assert_int_equal(sources, HITS_SOURCES);
	assert_int_equal(hits_read(reader, &hit, 1), 0);
	assert_int_equal(ftruncate(fd, GROUP_AT + HITS_GROUPS * NAME + 1000), 0);
	assert_int_equal(hits_each_group(reader, count_group, &groups), -EIO);
	assert_int_equal(hits_each_source(reader, count_source, &sources), -EIO);
	assert_int_equal(hits_read(reader, &hit, 1), -EIO);
	assert_int_equal(ftruncate(fd, COUNTS_AT), 0);
	groups = sources = 0;
	assert_int_equal(hits_each_group(reader, count_group, &groups), 0);
	assert_int_equal(hits_each_source(reader, count_source, &sources), 0);
	assert_int_equal(groups + sources, 0);
	assert_int_equal(hits_read(reader, &hit, 1), 0);
	close(fd);
	hits_close(&reader);
	hits_remove(&hits);
}

/* A file of another version or of another size is none to be read. */
static void other_files(void **state)
{
	(void)state;
	static const struct {
		off_t at;
		uint32_t more;
	} changes[] = {{VERSION_AT, 1}, {SIZE_AT, 8}};
	struct hits *hits;
	struct stat st;
	assert_int_equal(hits_create(&hits, test_directory), 0);
	int fd = open(path, O_RDWR | O_CLOEXEC);
	assert_int_equal(fstat(fd, &st), 0);
	for (unsigned i = 0; i < 2; i++) {
		uint32_t was, is;
		struct hits_reader *none = NULL;
		assert_int_equal(pread(fd, &was, sizeof was, changes[i].at), sizeof was);
		is = was + changes[i].more;
		assert_int_equal(pwrite(fd, &is, sizeof is, changes[i].at), sizeof is);
		assert_int_equal(ftruncate(fd, changes[i].at == SIZE_AT ? st.st_size + 8 : st.st_size), 0);
		assert_int_equal(hits_open(&none, path), WEIR_EFORMAT);
		assert_null(none);
		assert_int_equal(pwrite(fd, &was, sizeof was, changes[i].at), sizeof was);
		assert_int_equal(ftruncate(fd, st.st_size), 0);
	}
	close(fd);
	hits_remove(&hits);
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
	assert_int_equal(hits_create(&hits, test_directory), 0);
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
		cmocka_unit_test_setup_teardown(all_workers, begin, end),
		cmocka_unit_test_setup_teardown(events_in_between, begin, end),
		cmocka_unit_test_setup_teardown(hostile_names, begin, end),
		cmocka_unit_test_setup_teardown(hostile_counts, begin, end),
		cmocka_unit_test_setup_teardown(other_files, begin, end),
		cmocka_unit_test_setup_teardown(rings, begin, end),
		cmocka_unit_test(nowhere),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
