/* SPDX-License-Identifier: BSD-3-Clause */
/* Whether the published table is the one that would be made: each thing that it is made of, changed alone, is
 * noticed, and so is the loss of each thing that goes with it. */
#include "tests/unit/unit.h"

#include <sys/stat.h>
#include <unistd.h>

#include "feedsync/sync/inputs.h"
#include "feedsync/sync/sync.h"

static struct feed_config feed_config;
static char table[400], list[400];
static const char *list_path = list;
static struct config config;
static struct feed feed;
static struct sync sync_state;

/* A state directory with one feed, a list of names that are guarded, and a published table of generation 7. */
static int begin(void **state)
{
	if (with_directory(state) != 0 || mkdir(in_directory("feeds"), 0755) != 0 ||
		mkdir(in_directory("feeds/l"), 0755) != 0 || mkdir(in_directory("tables"), 0755) != 0)
		return -1;
	snprintf(table, sizeof table, "%s", in_directory("current.weir"));
	snprintf(list, sizeof list, "%s", in_directory("names"));
	feed_config = (struct feed_config){.name = "l", .url = "file:///x", .format = format_find("domains")};
	config = (struct config){.sum = "configuration",
		.state = test_directory,
		.table = table,
		.feeds = &feed_config,
		.feed_count = 1,
		.guard = {.names = &list_path, .names_count = 1}};
	feed_begin(&feed, &feed_config, test_directory);
	sync_state = (struct sync){.config = &config, .feeds = &feed, .generation = 7};
	write_text(table, "table");
	write_text(list, "x.example\n");
	write_text(feed.good, "y.example\n");
	write_text(in_directory("key"), "key");
	write_text(in_directory("history.sqlite"), "history");
	write_text(in_directory("tables/7.weir"), "table");
	inputs_note_made(&sync_state, inputs_all(&sync_state));
	return 0;
}

static bool is_made(void)
{
	uint64_t generation;
	bool made = inputs_are_made(&sync_state, inputs_all(&sync_state), &generation);
	if (made)
		assert_int_equal(generation, 7);
	return made;
}

static int end(void **state)
{
	feed_end(&feed);
	return without_directory(state);
}

static void change_configuration(void)
{
	snprintf(config.sum, sizeof config.sum, "another");
}

static void change_version(void)
{
	write_text(feed.good, "y.example\nz.example\n");
}

static void lose_version(void)
{
	unlink(feed.good);
}

static void rename_feed(void)
{
	feed_config.name = "m";
}

static void change_guard_list(void)
{
	write_text(list, "x.example\nw.example\n");
}

static void redirect_elsewhere(void)
{
	snprintf(feed.record.redirected_to, sizeof feed.record.redirected_to, "cdn.example");
}

static void replace_table(void)
{
	unlink(table);
	write_text(table, "TABLE");
}

static void lose_table(void)
{
	unlink(table);
}

static void lose_history(void)
{
	unlink(in_directory("history.sqlite"));
}

static void lose_key(void)
{
	unlink(in_directory("key"));
}

static void lose_archived_table(void)
{
	unlink(in_directory("tables/7.weir"));
}

static void lose_note(void)
{
	unlink(in_directory("made.json"));
}

static void damage_note(void)
{
	write_text(in_directory("made.json"), "{\"inputs\":");
}

static void change_nothing(void)
{
}

static void each_change(void **state)
{
	static const struct {
		const char *what;
		void (*change)(void);
		bool made;
	} cases[] = {
		{"nothing", change_nothing, true},
		{"the configuration", change_configuration, false},
		{"a version", change_version, false},
		{"a version lost", lose_version, false},
		{"the feed's name", rename_feed, false},
		{"a guard list", change_guard_list, false},
		{"a redirect", redirect_elsewhere, false},
		{"the table", replace_table, false},
		{"the table lost", lose_table, false},
		{"the history lost", lose_history, false},
		{"the key lost", lose_key, false},
		{"the archived table lost", lose_archived_table, false},
		{"the note lost", lose_note, false},
		{"the note damaged", damage_note, false},
	};
	for (unsigned i = 0; i < sizeof cases / sizeof *cases; i++) {
		assert_int_equal(begin(state), 0);
		assert_true(is_made());
		cases[i].change();
		if (is_made() != cases[i].made)
			fail_msg("%s: is %smade", cases[i].what, cases[i].made ? "not " : "");
		assert_int_equal(end(state), 0);
	}
}

/* A table that was not made is not noted. */
static void not_made(void **state)
{
	assert_int_equal(begin(state), 0);
	lose_note();
	sync_state.generation = 0;
	inputs_note_made(&sync_state, inputs_all(&sync_state));
	assert_int_equal(access(in_directory("made.json"), F_OK), -1);
	assert_int_equal(end(state), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_change),
		cmocka_unit_test(not_made),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
