/* SPDX-License-Identifier: BSD-3-Clause */
/* What is shown and said of a table that comes into force, and of one that does not. */
#include "tests/unit/plugin/core/loader_lab.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>

#include "libweir/version.h"
#include "plugin/core/loader_bypass.h"
#include "tests/unit/fail_alloc.h"

static char said[8192];
static bool said_error;

static void say(bool error, const char *text)
{
	snprintf(said, sizeof said, "%s", text);
	said_error = error;
	said_count++;
}

static void in_force(void **state)
{
	(void)state;
	char wanted[512];
	assert_string_equal(loader.state.release, weir_release);
	assert_string_equal(loader.state.table, path);
	put_table("a.example");
	uint64_t before = loader_now_s(), begun_us = loader_now_us(CLOCK_MONOTONIC);
	assert_true(loader_check(&loader, false));
	uint64_t after = loader_now_s(), ended_us = loader_now_us(CLOCK_MONOTONIC);
	const struct counters_state *s = &loader.state;
	assert_true(s->active);
	assert_int_equal(s->generation, 7);
	assert_int_equal(s->created, 1700000000);
	assert_int_equal(s->rules, 1);
	assert_int_equal(s->table_octets, table_octets(current_get(&current)->table));
	assert_in_range(s->loaded_at, before, after);
	assert_int_equal(s->loads, 1);
	assert_in_range(s->load_us, 0, ended_us - begun_us);
	assert_true(blocks("a.example"));
	assert_string_equal(s->file, path);
	assert_int_equal(s->trouble_at, 0);
	loader.state.load_us = 1001999;
	loader_describe(&loader, said, sizeof said);
	snprintf(wanted, sizeof wanted, "in force: generation 7, 1 rules, %llu octets, loaded in 1001 ms",
		(unsigned long long)s->table_octets);
	assert_string_equal(said, wanted);
	loader.state.bypass_until = 1;
	loader_describe(&loader, said, sizeof said);
	assert_non_null(strstr(said, "loaded, in force after the bypass: generation 7,"));
	said[0] = '\0';
	loader_report(&loader);
	snprintf(wanted, sizeof wanted, "weir: table %s in force: generation 7, 1 rules, ", path);
	assert_memory_equal(said, wanted, strlen(wanted));
	assert_false(said_error);
	loader_report(&loader);
	assert_int_equal(said_count, 1); /* a line is said once */
}

static void refused(void **state)
{
	(void)state;
	char wanted[512];
	for (unsigned i = 1; i <= 2; i++) {
		uint64_t before = loader_now_s();
		loader_refuse(&loader, "it is bad");
		uint64_t after = loader_now_s();
		loader_report(&loader);
		assert_int_equal(loader.state.refused, i);
		assert_in_range(loader.state.refused_at, before, after);
		assert_in_range(loader.state.trouble_at, before, after);
		assert_string_equal(loader.state.refused_reason, "it is bad");
		assert_string_equal(loader.state.trouble, "refused: it is bad");
		snprintf(wanted, sizeof wanted, "weir: table %s: refused: it is bad; %s", path,
			i == 1 ? "nothing is blocked" : "the old table stays in force");
		assert_string_equal(said, wanted);
		assert_true(said_error);
		loader.state.active = true; /* the second time there is an old one */
	}
	loader.state.active = false;
}

static struct input {
	uint8_t *octets;
	size_t length;
} input;

/* Each time a module of its own, so that all it takes is given back. */
static int accept_once(void *context)
{
	(void)context;
	struct current own;
	struct table *table;
	struct why why;
	int status = current_init(&own, 1, counters, hits, test_directory);
	if (status != 0)
		return status;
	loader.current = &own;
	status = table_open_octets(&table, input.octets, input.length, &why);
	if (status == 0 && !loader_accept(&loader, table, "file", 5, 6)) {
		assert_null(current_get(&own));
		assert_false(loader.state.active);
		assert_string_equal(loader.state.refused_reason, "out of memory");
		status = -ENOMEM;
	}
	loader.state.active = false;
	current_end(&own);
	loader.current = &current;
	return status;
}

static void no_memory(void **state)
{
	(void)state;
	const struct rule_spec rule = {"a.example", SCOPE_EXACT, RULE_BLOCK, {0, 0}};
	input.octets = table_octets_of(&rule, 1, NULL, &input.length);
	fail_each_alloc(accept_once, NULL);
	assert_true(loader.state.refused > 0);
	assert_int_equal(loader.state.loaded_at, 5);
	assert_int_equal(loader.state.load_us, 6);
	assert_string_equal(loader.state.file, "file");
	loader.spare_due = false;
	free(input.octets);
}

static void times(void **state)
{
	(void)state;
	static const struct {
		uint64_t time;
		const char *text;
	} cases[] = {{0, "1970-01-01T00:00:00Z"}, {1769903999, "2026-01-31T23:59:59Z"},
		{UINT64_C(1) << 62, "an unknown time"}};
	char text[LOADER_TIME];
	for (unsigned i = 0; i < sizeof cases / sizeof *cases; i++)
		assert_string_equal(loader_time_text(cases[i].time, text), cases[i].text);
	struct timespec now;
	uint64_t before = loader_now_us(CLOCK_MONOTONIC);
	clock_gettime(CLOCK_MONOTONIC, &now);
	uint64_t after = loader_now_us(CLOCK_MONOTONIC);
	assert_in_range((uint64_t)now.tv_sec * 1000000 + (uint64_t)now.tv_nsec / 1000, before, after);
}

/* Walks over the cache are counted; those that a change caused also tell how long they took. */
static void scrubs(void **state)
{
	(void)state;
	loader.state.generation = 9;
	loader_count_scrub(&loader, 100, 3, 0);
	assert_int_equal(loader.state.scrubs, 0);
	loader_count_scrub(&loader, 10, 2, 1);
	loader.state.generation = 10;
	loader_count_scrub(&loader, 1, 0, 0);
	assert_int_equal(loader.state.scrub_walked, 111);
	assert_int_equal(loader.state.scrub_evicted, 5);
	assert_int_equal(loader.state.scrubs, 1);
	assert_int_equal(loader.state.scrub_last_us, 1);
	assert_int_equal(loader.state.scrub_generation, 9);
}

/* ---- what others see ---- */

/* Each thing that happens is published at once. */
static void published(void **state)
{
	(void)state;
	char bypass[160];
	assert_string_equal(shown().table, path);
	assert_false(loader_check(&loader, false));
	assert_string_equal(shown().trouble, "there is none");
	assert_true(shown().trouble_at > 0);
	loader_report(&loader);
	assert_true(said_error);
	put_table("a.example");
	assert_true(loader_check(&loader, false));
	struct counters_state now = shown();
	assert_true(now.active);
	assert_int_equal(now.generation, 7);
	assert_string_equal(now.trouble, "");
	assert_int_equal(now.trouble_at, 0);
	loader_report(&loader);
	assert_false(said_error);
	put("x", 1);
	assert_false(loader_check(&loader, false));
	assert_int_equal(shown().refused, 1);
	assert_string_equal(shown().trouble, "refused: file of 1 octets is not a table");
	loader_count_scrub(&loader, 5, 4, 3);
	assert_int_equal(shown().scrub_walked, 5);
	assert_int_equal(mkdir(spare, 0777), 0);
	assert_int_equal(chmod(spare, 0777), 0);
	assert_false(loader_write_spare(&loader, false));
	assert_string_equal(shown().spare_trouble, "it is not Unbound's own, or others may write to it");
	snprintf(bypass, sizeof bypass, "%s.bypass", path);
	write_text(bypass, "");
	const struct timespec times[] = {{.tv_nsec = UTIME_NOW}, {.tv_sec = (time_t)loader_now_s() + 600}};
	assert_int_equal(utimensat(AT_FDCWD, bypass, times, 0), 0);
	assert_false(loader_check_bypass(&loader));
	assert_int_equal(shown().bypass_until, times[1].tv_sec);
	unlink(bypass);
	assert_true(loader_check_bypass(&loader));
	assert_int_equal(shown().bypass_until, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(in_force, begin, end),
		cmocka_unit_test_setup_teardown(refused, begin, end),
		cmocka_unit_test_setup_teardown(no_memory, begin, end),
		cmocka_unit_test_setup_teardown(times, begin, end),
		cmocka_unit_test_setup_teardown(scrubs, begin, end),
		cmocka_unit_test_setup_teardown(published, begin, end),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
