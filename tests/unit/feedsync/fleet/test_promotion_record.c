/* SPDX-License-Identifier: BSD-3-Clause */
/* What is kept of a promotion: the whole of it comes back; a decision that cannot be read is no decision to the contrary; what
 * was seen may be lost. */
#include "tests/unit/unit.h"

#include <errno.h>
#include <sys/stat.h>

#include "feedsync/config/channel_config.h"
#include "feedsync/fleet/promotion_record.h"

static const struct channel stable = {.name = "stable"};
static const char sum[] = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";

static void make_folder(void)
{
	mkdir(in_directory("fleet"), 0755);
	mkdir(in_directory("fleet/promotion"), 0755);
	mkdir(in_directory("fleet/promotion/stable"), 0755);
}

static struct base_table make_table(uint64_t generation)
{
	struct base_table table = {.generation = generation};
	snprintf(table.sha256, sizeof table.sha256, "%s", sum);
	return table;
}

static void decisions(void **state)
{
	(void)state;
	struct why why;
	struct promotion_record record, written = {.promoted = make_table(5),
						.promoted_at = 1700000000,
						.promoted_by = "root",
						.amended = make_table(6),
						.overrides = (UINT64_C(1) << 52) - 1,
						.halted_at = 1700000001,
						.halted = make_table(7),
						.halted_by = "somebody",
						.reason = "it was \"bad\""};
	make_folder();
	assert_int_equal(promotion_record_read(&record, test_directory, &stable, &why), 0);
	assert_int_equal(record.promoted.generation, 0);
	assert_int_equal(promotion_record_write(&written, test_directory, &stable, &why), 0);
	assert_int_equal(promotion_record_read(&record, test_directory, &stable, &why), 0);
	assert_int_equal(record.promoted.generation, 5);
	assert_string_equal(record.promoted.sha256, sum);
	assert_int_equal(record.promoted_at, written.promoted_at);
	assert_string_equal(record.promoted_by, "root");
	assert_int_equal(record.amended.generation, 6);
	assert_true(record.overrides == written.overrides);
	assert_int_equal(record.halted_at, written.halted_at);
	assert_int_equal(record.halted.generation, 7);
	assert_string_equal(record.halted_by, "somebody");
	assert_string_equal(record.reason, "it was \"bad\"");
	write_text(in_directory("fleet/promotion/stable/record.json"), "{\"promoted\": ");
	assert_int_equal(promotion_record_read(&record, test_directory, &stable, &why), -EBADMSG);
	assert_int_equal(record.promoted.generation, 0);
	write_text(in_directory("fleet/promotion/stable/record.json"),
		"{\"promoted\": {\"generation\": 5, \"sha256\": \"../../etc/passwd\"}, \"halted_at\": -1}");
	assert_int_equal(promotion_record_read(&record, test_directory, &stable, &why), 0);
	assert_int_equal(record.promoted.generation, 0);
}

static void what_was_seen(void **state)
{
	(void)state;
	static struct promotion_health health,
		written = {.trial = {.healthy_ms = 3000, .looked_ms = 4000, .strikes = 1},
			.finding = {.state = PROMOTION_PROVES,
				.answering = 2,
				.enforcing = 1,
				.asked = 24,
				.failed = 3,
				.reason = "because"},
			.looked_at = 1700000000,
			.since = 1600000000,
			.canaries = 3,
			.before = {true, 2, 24, 1},
			.blocked_count = KNOWN_BLOCKED};
	make_folder();
	promotion_health_read(&health, test_directory, &stable);
	assert_false(health.before.known);
	assert_int_equal(health.finding.state, PROMOTION_WAITS);
	written.trial.candidate = make_table(9);
	for (unsigned i = 0; i < KNOWN_BLOCKED; i++) /* as long as names can be */
		snprintf(written.blocked[i], KNOWN_NAME, "%0250u.%02x", i, i & 0xff);
	promotion_health_write(&written, test_directory, &stable);
	promotion_health_read(&health, test_directory, &stable);
	assert_int_equal(health.trial.candidate.generation, 9);
	assert_int_equal(health.trial.healthy_ms, 3000);
	assert_int_equal(health.trial.looked_ms, 4000);
	assert_int_equal(health.trial.strikes, 1);
	assert_int_equal(health.finding.state, PROMOTION_PROVES);
	assert_string_equal(health.finding.reason, "because");
	assert_int_equal(health.finding.answering, 2);
	assert_int_equal(health.finding.enforcing, 1);
	assert_int_equal(health.finding.asked, 24);
	assert_int_equal(health.finding.failed, 3);
	assert_int_equal(health.looked_at, 1700000000);
	assert_int_equal(health.since, 1600000000);
	assert_int_equal(health.canaries, 3);
	assert_true(health.before.known);
	assert_int_equal(health.before.answering, 2);
	assert_int_equal(health.before.asked, 24);
	assert_int_equal(health.before.failed, 1);
	assert_int_equal(health.blocked_count, KNOWN_BLOCKED);
	assert_string_equal(health.blocked[KNOWN_BLOCKED - 1], written.blocked[KNOWN_BLOCKED - 1]);
	write_text(in_directory("fleet/promotion/stable/health.json"), "[]");
	promotion_health_read(&health, test_directory, &stable);
	assert_true(!health.before.known && health.trial.candidate.generation == 0 && health.looked_at == 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(decisions, with_directory, without_directory),
		cmocka_unit_test_setup_teardown(what_was_seen, with_directory, without_directory),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
