/* SPDX-License-Identifier: BSD-3-Clause */
/* The record of a feed: what feed.json keeps, and how events of a feed's life change it. */
#include "tests/unit/unit.h"

#include <sys/stat.h>

#include "feedsync/base/maxima.h"
#include "feedsync/base/wall_clock.h"
#include "feedsync/feeds/feed.h"

static struct feed_config config;

static int begin(void **state)
{
	if (with_directory(state) != 0 || mkdir(in_directory("feeds"), 0755) != 0 ||
		mkdir(in_directory("feeds/l"), 0755) != 0)
		return -1;
	config = (struct feed_config){.name = "l", .url = "https://a.example/list", .format = format_find("domains")};
	return 0;
}

static struct feed begun(void)
{
	struct feed feed;
	feed_begin(&feed, &config, test_directory);
	return feed;
}

static void save(struct feed *feed)
{
	struct why why;
	if (feed_save(feed, &why) < 0)
		fail_msg("%s", why.text);
	feed_end(feed);
}

static void kept_between_runs(void **state)
{
	(void)state;
	struct feed feed = begun();
	struct feed_record *r = &feed.record;
	assert_int_equal(r->asked_at, 0); /* a new one */
	snprintf(r->etag, sizeof r->etag, "\"e\"");
	snprintf(r->error, sizeof r->error, "503");
	snprintf(r->withheld, sizeof r->withheld, "ALARM: x");
	r->error_class = ERROR_HTTP;
	r->alarm = ALARM_SHRINK;
	r->withheld_alarm = ALARM_CHURN;
	r->asked_at = 11;
	r->current_at = 12;
	r->retry_at = 13;
	r->failures = 14;
	r->reference = 15;
	r->lapsed = 16;
	r->expired = 17;
	r->parsed.counts.entries = 18;
	r->parsed.counts.rejected[REJECT_URL] = 19;
	save(&feed);
	feed = begun();
	assert_string_equal(r->etag, "\"e\"");
	assert_string_equal(r->error, "503");
	assert_string_equal(r->withheld, "ALARM: x");
	assert_int_equal(r->error_class, ERROR_HTTP);
	assert_int_equal(r->alarm, ALARM_SHRINK);
	assert_int_equal(r->withheld_alarm, ALARM_CHURN);
	assert_int_equal(r->asked_at, 11);
	assert_int_equal(r->current_at, 12);
	assert_int_equal(r->retry_at, 13);
	assert_int_equal(r->failures, 14);
	assert_int_equal(r->reference, 15);
	assert_int_equal(r->lapsed, 16);
	assert_int_equal(r->expired, 17);
	assert_int_equal(r->parsed.counts.entries, 18);
	assert_int_equal(r->parsed.counts.rejected[REJECT_URL], 19);
	feed_end(&feed);
	/* With another URL the validators are not about it; the version is still there. */
	config.url = "https://b.example/list";
	feed = begun();
	assert_string_equal(r->etag, "");
	assert_int_equal(r->retry_at, 0);
	assert_int_equal(r->reference, 15);
	feed_end(&feed);
	/* With another format nothing is known. */
	config.format = format_find("hosts");
	feed = begun();
	assert_int_equal(r->reference, 0);
	assert_int_equal(r->failures, 0);
	assert_string_equal(r->error, "");
	feed_end(&feed);
}

/* What older versions wrote, and what nobody should have written. */
static void other_records(void **state)
{
	(void)state;
	static const struct {
		const char *text;
		uint64_t failures;
		enum error_class class;
	} cases[] = {
		{"{\"format\":\"domains\",\"failures\":3,\"error\":\"503\"}", 3, ERROR_NONE},
		{"{\"format\":\"domains\",\"failures\":3,\"error\":\"x\",\"error_class\":\"tls\"}", 3, ERROR_TLS},
		{"{\"format\":\"domains\",\"failures\":3,\"error\":\"x\",\"error_class\":\"of tomorrow\"}", 3,
			ERROR_INTERNAL},
		{"{\"format\":\"domains\",\"failures\":3,\"error\":\"x\",\"error_class\":7}", 3, ERROR_NONE},
		{"{\"format\":\"domains\",\"failures\":\"many\"}", 0, ERROR_NONE},
		{"{", 0, ERROR_NONE},
		{"[]", 0, ERROR_NONE},
		{"", 0, ERROR_NONE},
	};
	for (unsigned i = 0; i < sizeof cases / sizeof *cases; i++) {
		write_text(in_directory("feeds/l/feed.json"), cases[i].text);
		struct feed feed = begun();
		if (feed.unread || feed.record.failures != cases[i].failures ||
			feed.record.error_class != cases[i].class)
			fail_msg("%s: unread %d, %d failures, \"%s\"; not %d, \"%s\"", cases[i].text, feed.unread,
				(int)feed.record.failures, error_class_word(feed.record.error_class),
				(int)cases[i].failures, error_class_word(cases[i].class));
		feed_end(&feed);
	}
}

/* A good version that turns out to be damaged is told behind the error of the last attempt, once. */
static void damage(void **state)
{
	(void)state;
	write_text(in_directory("feeds/l/good.domains"), "x");
	struct feed feed = begun();
	feed_fail(&feed, ERROR_HTTP, "503");
	snprintf(feed.record.etag, sizeof feed.record.etag, "e");
	for (unsigned i = 0; i < 3; i++) {
		feed_note_damage(&feed, "l:7: cut off");
		assert_string_equal(feed.record.error,
			"503; its last good version cannot be used, what is published of it stays: "
			"feeds/l/good.domains:7: cut off");
	}
	assert_int_equal(feed.record.error_class, ERROR_DISK);
	assert_int_equal(feed.record.failures, 1);
	assert_string_equal(feed.record.etag, "");
	assert_int_equal(feed.run.result, FEED_LAST_GOOD);
	/* However long the error was, there is room for that. */
	memset(feed.record.error, 'x', sizeof feed.record.error - 1);
	feed_note_damage(&feed, "cut off");
	assert_non_null(strstr(feed.record.error, "x; its last good version cannot be used"));
	assert_non_null(strstr(feed.record.error, "good.domains: cut off"));
	feed_end(&feed);
}

/* Entries that come back after they expired are known to have lapsed; those that expired are counted from version to
 * version. */
static void adoption(void **state)
{
	(void)state;
	struct feed feed = begun();
	static const struct {
		uint64_t in_force, reference, lapsed, new_expired; /* before */
		uint64_t entries;                                  /* of the new version */
		bool whole;
		uint64_t then_reference, then_lapsed, then_expired;
	} cases[] = {
		{0, 0, 0, 0, 100, true, 100, 0, 0}, {100, 100, 0, 0, 110, true, 110, 0, 0},
		{40, 100, 0, 60, 100, true, 100, 60, 60}, /* sixty expired and are back */
		{40, 100, 0, 60, 70, true, 70, 30, 60},   /* thirty of them */
		{40, 100, 70, 0, 100, true, 100, 70, 0},  /* more had lapsed already */
		{40, 100, 0, 0, 30, true, 30, 0, 0},      /* none is back */
		{100, 100, 0, 0, 50, false, 100, 0, 0},   /* some of it is missing: nothing to compare with */
	};
	for (unsigned i = 0; i < sizeof cases / sizeof *cases; i++) {
		const struct parse_report new = {.counts.entries = cases[i].entries};
		feed.record.parsed.counts = (struct parse_counts){.entries = cases[i].in_force};
		feed.record.reference = cases[i].reference;
		feed.record.lapsed = cases[i].lapsed;
		feed.record.expired = 0;
		feed.run.new_expired = cases[i].new_expired;
		feed_adopt(&feed, &new, cases[i].whole);
		if (feed.run.result != FEED_FRESH || feed.record.parsed.counts.entries != cases[i].entries ||
			feed.record.reference != cases[i].then_reference ||
			feed.record.lapsed != cases[i].then_lapsed || feed.record.expired != cases[i].then_expired)
			fail_msg("row %u: reference %d, lapsed %d, expired %d", i, (int)feed.record.reference,
				(int)feed.record.lapsed, (int)feed.record.expired);
	}
	feed_end(&feed);
}

/* How long a server is left alone, whatever became of the clock. */
static void waits(void **state)
{
	(void)state;
	struct feed feed = begun();
	uint64_t now = wall_now();
	const struct {
		uint64_t asked_at, retry_at, least, most;
	} cases[] = {
		{now, 0, 0, 0}, {now, now - 5, 0, 0}, {now, now + 500, 490, 500},
		{now, now + 100 * MAX_RETRY_AFTER_S, MAX_RETRY_AFTER_S, MAX_RETRY_AFTER_S},
		{now + 1000000, now + 1000300, 300, 300}, /* it was set back */
	};
	for (unsigned i = 0; i < sizeof cases / sizeof *cases; i++) {
		feed.record.asked_at = cases[i].asked_at;
		feed.record.retry_at = cases[i].retry_at;
		uint64_t wait = feed_wait(&feed);
		if (wait < cases[i].least || wait > cases[i].most)
			fail_msg("row %u: %d", i, (int)wait);
	}
	feed_end(&feed);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(kept_between_runs, begin, without_directory),
		cmocka_unit_test_setup_teardown(other_records, begin, without_directory),
		cmocka_unit_test_setup_teardown(damage, begin, without_directory),
		cmocka_unit_test_setup_teardown(adoption, begin, without_directory),
		cmocka_unit_test_setup_teardown(waits, begin, without_directory),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
