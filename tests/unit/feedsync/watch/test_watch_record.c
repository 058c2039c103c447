/* SPDX-License-Identifier: BSD-3-Clause */
/* What is remembered of the fleet: it is read as it was written, by name and address; damage costs the memory and nothing else. */
#include "fleet_config.h"

#include <errno.h>
#include <sys/stat.h>

#include "feedsync/watch/watch_judge.h"

static void fill_watch(struct watch *watch, const struct config *config)
{
	struct why why;
	assert_int_equal(watch_read(watch, config, &why), 0);
	watch->probed_at = 1800000000;
	watch->prometheus_at = 1799999999;
	snprintf(watch->prometheus_error, sizeof watch->prometheus_error, "HTTP 503");
	watch_note_table(&watch->channels[1], 7, 1700000000);
	watch_note_table(&watch->channels[1], 8, 1700000100);
	for (size_t i = 0; i < watch->count; i++)
		watch->records[i] = (struct watch_record){.probed_at = 100 + i,
			.answered_at = 90 + i,
			.silent_since = i % 2 ? 95 : 0,
			.answer = (enum watch_answer)(i % 3),
			.rcode = (unsigned)i,
			.generation = UINT32_MAX - (uint32_t)i,
			.created = 5,
			.since = 80,
			.before = 70,
			.told_at = 60,
			.told_generation = 12,
			.told_since = 50,
			.error = "timed out",
			.conditions = "pull_refused"};
}

static void round_trip(void **state)
{
	(void)state;
	struct config *config = fleet_configuration(FOUR_RESOLVERS);
	struct watch written, read;
	struct why why;
	mkdir(in_directory("state"), 0700);
	mkdir(in_directory("state/fleet"), 0700);
	fill_watch(&written, config);
	assert_int_equal(watch_write(&written, config, &why), 0);
	assert_int_equal(watch_read(&read, config, &why), 0);
	assert_int_equal(read.count, 4);
	for (size_t i = 0; i < 4; i++)
		assert_memory_equal(&read.records[i], &written.records[i], sizeof read.records[i]);
	assert_memory_equal(read.channels, written.channels, sizeof read.channels);
	assert_int_equal(read.probed_at, 1800000000);
	assert_int_equal(read.prometheus_at, 1799999999);
	assert_string_equal(read.prometheus_error, "HTTP 503");
	assert_int_equal(watch_channel_of(config, 0), 0);
	assert_int_equal(watch_channel_of(config, 3), 1);
	watch_end(&read);
	config_free(&config);
	/* One is gone, one has another address, one is new, and the order is another one. */
	config = fleet_configuration("    - {name: r5, address: 192.0.2.5, channel: stable}\n"
				     "    - {name: r4, address: 192.0.2.3, port: 5353, channel: canary}\n"
				     "    - {name: r3, address: 192.0.2.9, channel: stable}\n");
	assert_int_equal(watch_read(&read, config, &why), 0);
	assert_int_equal(read.records[0].probed_at, 0);
	assert_memory_equal(&read.records[1], &written.records[3], sizeof read.records[1]);
	assert_int_equal(read.records[2].probed_at, 0);
	watch_end(&read);
	watch_end(&written);
	config_free(&config);
}

static void damage(void **state)
{
	(void)state;
	static const struct {
		const char *text;
		int status;
		uint64_t probed_at;
	} cases[] = {
		{"", -EBADMSG, 0},
		{"{\"probed_at\": 7", -EBADMSG, 0},
		{"[]", 0, 0},
		{"{\"probed_at\": 7, \"resolvers\": 7, \"channels\": []}", 0, 7},
		{"{\"probed_at\": 7, \"resolvers\": [7, {}, {\"name\": 8}, {\"name\": \"r1\"}, {\"name\": \"r1\", "
		 "\"server\": []}]}",
			0, 7},
		{"{\"probed_at\": 7, \"channels\": {\"stable\": [1, {}, {\"generation\": \"x\"}]}}", 0, 7},
	};
	struct config *config = fleet_configuration(FOUR_RESOLVERS);
	mkdir(in_directory("state"), 0700);
	mkdir(in_directory("state/fleet"), 0700);
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct watch watch;
		struct why why;
		write_text(in_directory("state/fleet/resolvers.json"), cases[i].text);
		assert_int_equal(watch_read(&watch, config, &why), cases[i].status);
		assert_int_equal(watch.count, 4);
		assert_int_equal(watch.probed_at, cases[i].probed_at);
		for (size_t r = 0; r < 4; r++)
			assert_int_equal(watch.records[r].probed_at, 0);
		watch_end(&watch);
	}
	config_free(&config);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(round_trip, with_directory, without_directory),
		cmocka_unit_test_setup_teardown(damage, with_directory, without_directory)};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
