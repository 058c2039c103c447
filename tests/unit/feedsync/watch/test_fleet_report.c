/* SPDX-License-Identifier: BSD-3-Clause */
/* How the fleet is, counted: by channel, state and generation; which resolvers stand first; and what the verdict says. */
#include "fleet_config.h"

#include "feedsync/watch/fleet_report.h"
#include "feedsync/watch/watch_judge.h"

enum { NOW = 1800000000, RESOLVERS = 4 };

/* A resolver's last answer: 't' = the newest table, 'o' = an older one, 'n' = nothing is blocked, 's' = silent, '-' = not
 * probed. */
static void answer(struct watch_record *record, char kind)
{
	if (kind == '-')
		return;
	*record = (struct watch_record){
		.probed_at = NOW - 5, .answered_at = NOW - 5, .since = NOW - 300, .generation = 8};
	if (kind == 'o')
		record->generation = 7;
	else if (kind == 'n')
		record->answer = WATCH_PASSES;
	else if (kind == 's')
		record->silent_since = NOW - 7200;
}

static const struct {
	const char *what;
	const char *answers; /* of r1 in canary, r2, r3 and r4 in stable */
	enum condition stable;
	unsigned probed_ago;
	const char *prometheus_error;
	bool well;
	const char *verdict, *first; /* how the verdict begins; the resolver that stands first */
} cases[] = {
	{"all well", "tttt", CONDITION_WELL, 5, "", true, "well: 4 resolvers, each with the newest table", "r1"},
	{"one silent", "ttst", CONDITION_WELL, 5, "", false,
		"NOT WELL: resolver r3: SILENT since 2 h ago: it does not answer; whether it blocks cannot be seen; "
		"next: "
		"`feedsync probe 192.0.2.3@53`",
		"r3"},
	{"three kinds", "osnt", CONDITION_WELL, 5, "", false,
		"NOT WELL: resolver r3: NOTHING IS BLOCKED since 5 min ago: the self-test", "r3"},
	{"a channel is worse than a silent one", "ttst", CHANNEL_EXPIRED, 5, "", false,
		"NOT WELL: channel stable: EXPIRED: the channel's manifest is over", "r3"},
	{"nothing is worse than nothing blocked", "ttnt", CHANNEL_EXPIRED, 5, "", false,
		"NOT WELL: resolver r3: NOTHING IS BLOCKED", "r3"},
	{"a channel alone", "tttt", CHANNEL_FAILING, 5, "", false,
		"NOT WELL: channel stable: NOT DISTRIBUTED: the last attempt to give the table to this channel failed; "
		"resolvers that "
		"pull from it keep the table before; next: `feedsync distribute stable`",
		"r1"},
	{"all silent", "ssss", CONDITION_WELL, 5, "", false,
		"NOT WELL: fleet: SILENT: none of 4 resolvers answers this host, which may be cut off itself; next: "
		"`ping 192.0.2.1`",
		"r1"},
	{"nobody probes", "tttt", CONDITION_WELL, 86400, "", false,
		"NOT WELL: fleet: NOT PROBED: its resolvers were asked 24 h ago; next", "r1"},
	{"one is new", "t-tt", CONDITION_WELL, 5, "", false,
		"NOT WELL: resolver r2: NOT PROBED YET: nobody has asked it", "r2"},
	{"Prometheus fails", "tttt", CONDITION_WELL, 5, "HTTP 503", false, "NOT WELL: prometheus: NOT ASKED: HTTP 503",
		"r1"},
};

static void begin_case(size_t number, struct config *config, struct fleet_report *fleet, struct report *report)
{
	static enum condition channel_state[2];
	static struct channel_record channels[2] = {{.serial = 40}, {.serial = 41}};
	struct watch watch = {.records = calloc(RESOLVERS, sizeof *watch.records),
		.count = RESOLVERS,
		.probed_at = NOW - cases[number].probed_ago};
	channel_state[1] = cases[number].stable;
	*report = (struct report){.config = config, .now = NOW, .channel_state = channel_state, .channels = channels};
	for (size_t c = 0; c < 2; c++) {
		watch_note_table(&watch.channels[c], 7, NOW - 86400);
		watch_note_table(&watch.channels[c], 8, NOW - 3600);
	}
	for (size_t i = 0; i < RESOLVERS; i++)
		answer(&watch.records[i], cases[number].answers[i]);
	snprintf(watch.prometheus_error, sizeof watch.prometheus_error, "%s", cases[number].prometheus_error);
	fleet_report_begin(fleet, report, &watch);
	assert_null(watch.records);
}

static void verdicts(void **state)
{
	(void)state;
	struct config *config = fleet_configuration(FOUR_RESOLVERS);
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct fleet_report fleet;
		struct report report;
		char verdict[VERDICT_TEXT];
		begin_case(i, config, &fleet, &report);
		fleet_verdict(&fleet, verdict);
		const char *first = config->fleet.resolvers[fleet.order[0]].name;
		if (strncmp(verdict, cases[i].verdict, strlen(cases[i].verdict)) != 0 ||
			fleet_is_well(&fleet) != cases[i].well || strcmp(first, cases[i].first) != 0)
			fail_msg("%s: %s, first %s", cases[i].what, verdict, first);
		fleet_report_end(&fleet);
	}
	config_free(&config);
}

static void counts(void **state)
{
	(void)state;
	struct config *config = fleet_configuration(FOUR_RESOLVERS);
	struct fleet_report fleet;
	struct report report;
	char text[FLEET_DETAIL_TEXT];
	begin_case(2, config, &fleet, &report); /* "osnt" */
	assert_int_equal(fleet.channel_count, 2);
	assert_int_equal(fleet.channels[0].count, 1);
	assert_int_equal(fleet.channels[0].states[WATCH_OUTDATED], 1);
	assert_int_equal(fleet.channels[0].share_count, 1);
	assert_int_equal(fleet.channels[0].shares[0].generation, 7);
	assert_int_equal(fleet.channels[0].serial, 40);
	assert_string_equal(fleet.channels[0].name, "canary");
	const struct fleet_channel *stable = &fleet.channels[1];
	assert_int_equal(stable->count, 3);
	assert_int_equal(stable->states[WATCH_SILENT], 1);
	assert_int_equal(stable->states[WATCH_UNPROTECTED], 1);
	assert_int_equal(stable->states[WATCH_WELL], 1);
	assert_int_equal(stable->share_count, 1);
	assert_int_equal(stable->shares[0].count, 1);
	assert_int_equal(stable->generation, 8);
	assert_int_equal(stable->since, NOW - 3600);
	assert_int_equal(fleet.unwell, 3);
	const size_t order[] = {2, 1, 0, 3}; /* nothing is blocked, silent, outdated, well */
	assert_memory_equal(fleet.order, order, sizeof order);
	assert_string_equal(fleet_detail(&fleet, 0, text), "since 60 min ago, generation 7");
	assert_string_equal(fleet_detail(&fleet, 1, text), "since 2 h ago (), by generation 8 before");
	assert_string_equal(fleet_detail(&fleet, 2, text), "since 5 min ago (NOERROR), by generation 8 before");
	fleet_report_end(&fleet);
	config_free(&config);
}

/* The slowest of a channel stand first, at most five, and only those that were seen to change. */
static void slowest(void **state)
{
	(void)state;
	static const unsigned lags[] = {3, 9, 0, 7, 1, 8, 2};
	char resolvers[1000];
	size_t length = 0;
	for (unsigned i = 0; i < 7; i++)
		length += (size_t)snprintf(resolvers + length, sizeof resolvers - length,
			"    - {name: r%u, address: 192.0.2.%u, channel: stable}\n", i, i);
	struct config *config = fleet_configuration(resolvers);
	static enum condition channel_state[2];
	static struct channel_record channels[2];
	struct report report = {.config = config, .now = NOW, .channel_state = channel_state, .channels = channels};
	struct watch watch = {.records = calloc(7, sizeof *watch.records), .count = 7, .probed_at = NOW};
	struct fleet_report fleet;
	watch_note_table(&watch.channels[1], 8, NOW - 100);
	for (unsigned i = 0; i < 7; i++)
		watch.records[i] = (struct watch_record){.probed_at = NOW,
			.answered_at = NOW,
			.generation = 8,
			.since = NOW - 100 + lags[i],
			.before = i == 1 ? 0 : NOW - 200};
	fleet_report_begin(&fleet, &report, &watch);
	assert_int_equal(fleet.channels[1].slowest_count, 5);
	const size_t expected[] = {5, 3, 0, 6, 4};
	assert_memory_equal(fleet.channels[1].slowest, expected, sizeof expected);
	assert_int_equal(fleet.channels[0].slowest_count, 0);
	fleet_report_end(&fleet);
	config_free(&config);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test_setup_teardown(verdicts, with_directory, without_directory),
		cmocka_unit_test_setup_teardown(counts, with_directory, without_directory),
		cmocka_unit_test_setup_teardown(slowest, with_directory, without_directory)};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
