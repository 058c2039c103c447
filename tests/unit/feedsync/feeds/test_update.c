/* SPDX-License-Identifier: BSD-3-Clause */
/* Updates of a feed that is a file of this machine, one after another: what becomes its last good version, and what is
 * known of it then. */
#include "tests/unit/unit.h"

#include <sys/stat.h>
#include <unistd.h>

#include "feedsync/base/maxima.h"
#include "feedsync/feeds/accept.h"
#include "feedsync/feeds/update.h"
#include "feedsync/net/fetch_all.h"

static char url[500];
static struct feed_config config;

static int begin(void **state)
{
	if (with_directory(state) != 0)
		return -1;
	snprintf(url, sizeof url, "file://%s", in_directory("source"));
	config = (struct feed_config){.name = "l",
		.url = url,
		.format = format_find("domains"),
		.interval_s = 900,
		.limits = {.max_shrink = 50, .max_growth = 100, .max_churn = 90, .max_rejected = 50}};
	return 0;
}

static void write_names(unsigned first, unsigned count)
{
	FILE *out = fopen(in_directory("source"), "w");
	assert_non_null(out);
	for (unsigned i = first; i < first + count; i++)
		fprintf(out, "n%u.example\n", i);
	assert_int_equal(fclose(out), 0);
}

/* An update as a run does it: reads what is known, updates, saves. */
static struct feed updated(void)
{
	struct feed feed;
	struct why why;
	feed_begin(&feed, &config, test_directory);
	update_feed(&feed, NULL);
	if (feed_save(&feed, &why) < 0)
		fail_msg("%s", why.text);
	feed_end(&feed);
	return feed;
}

static void expect_feed(const struct feed *feed, enum feed_result result, enum error_class class, uint64_t entries)
{
	const struct feed_record *r = &feed->record;
	if (feed->run.result != result || r->error_class != class || r->parsed.counts.entries != entries ||
		(class != ERROR_NONE) != (r->failures > 0) || (class != ERROR_NONE) != (r->error[0] != '\0'))
		fail_msg("%s, class \"%s\", %d entries, %d failures, \"%s\"; not %s, \"%s\", %d entries",
			feed_result_text(feed->run.result), error_class_word(r->error_class),
			(int)r->parsed.counts.entries, (int)r->failures, r->error, feed_result_text(result),
			error_class_word(class), (int)entries);
}

enum { MANY = 2 * ALARM_MIN_CHANGE };

static void a_life(void **state)
{
	(void)state;
	struct feed feed = updated();
	expect_feed(&feed, FEED_NOTHING, ERROR_DISK, 0); /* there is no such file */
	write_names(0, MANY);
	feed = updated();
	expect_feed(&feed, FEED_FRESH, ERROR_NONE, MANY);
	assert_int_equal(feed.record.reference, MANY);
	assert_string_not_equal(feed.record.sum, "");
	assert_string_equal(feed.record.next_sum, "");
	assert_true(feed_has_good(&feed));
	uint64_t changed_at = feed.record.changed_at;
	feed = updated();
	expect_feed(&feed, FEED_UNCHANGED, ERROR_NONE, MANY);
	assert_int_equal(feed.record.changed_at, changed_at);
	/* Something that is no list of domains: the last good version stays, and what is known of it. */
	write_text(in_directory("source"), "<html>\n<p>Not found</p>\n");
	for (unsigned failures = 1; failures <= 2; failures++) {
		feed = updated();
		expect_feed(&feed, FEED_LAST_GOOD, ERROR_FORMAT, MANY);
		assert_int_equal(feed.record.failures, failures);
	}
	/* Most of it is gone. */
	write_names(0, 10);
	feed = updated();
	expect_feed(&feed, FEED_LAST_GOOD, ERROR_ALARM, MANY);
	assert_int_equal(feed.record.alarm, ALARM_SHRINK);
	assert_non_null(strstr(feed.record.error, "feedsync sync --accept l"));
	/* That is accepted: once. */
	accept_keep(feed.directory);
	feed = updated();
	expect_feed(&feed, FEED_FRESH, ERROR_NONE, 10);
	assert_true(feed.run.accepted);
	assert_int_equal(feed.record.alarm, ALARM_NONE);
	assert_false(accept_found(feed.directory));
	assert_int_equal(unlink(in_directory("source")), 0);
	feed = updated();
	expect_feed(&feed, FEED_LAST_GOOD, ERROR_DISK, 10);
}

/* Ways to fail have their classes. */
static void classes(void **state)
{
	(void)state;
	char secret[500];
	write_names(0, 3);
	snprintf(secret, sizeof secret, "%s", in_directory("no-secret"));
	config.access.secret_file = secret;
	config.access.kind = ACCESS_TOKEN;
	struct feed feed = updated();
	expect_feed(&feed, FEED_NOTHING, ERROR_AUTH, 0);
	config.access.secret_file = NULL;
	config.access.kind = ACCESS_OPEN;
	config.trust.is_signed = true;
	feed = updated();
	expect_feed(&feed, FEED_NOTHING, ERROR_SIGNATURE, 0);
	config.trust.is_signed = false;
	/* A file in the place of the feed's directory. */
	assert_int_equal(directory_remove(feed.directory), 0);
	write_text(feed.directory, "");
	struct feed blocked;
	feed_begin(&blocked, &config, test_directory);
	update_feed(&blocked, NULL);
	expect_feed(&blocked, FEED_LAST_GOOD, ERROR_DISK, 0); /* what cannot be seen is not gone */
	feed_end(&blocked);
}

/* Nothing of a run that died is in the way of the next one. */
static void leftovers(void **state)
{
	(void)state;
	struct feed feed;
	char path[2400];
	write_names(0, 5);
	feed_begin(&feed, &config, test_directory);
	feed_end(&feed);
	assert_int_equal(mkdir(in_directory("feeds"), 0755), 0);
	assert_int_equal(mkdir(feed.directory, 0755), 0);
	assert_int_equal(mkdir(feed.next, 0755), 0);
	for (unsigned i = 0; i < 2; i++) {
		snprintf(path, sizeof path, "%s/%s", feed.directory, i ? "new-1" : "new");
		write_text(path, "half a docum");
	}
	feed = updated();
	expect_feed(&feed, FEED_FRESH, ERROR_NONE, 5);
	assert_int_equal(access(path, F_OK), -1);
	assert_int_equal(access(feed.next, F_OK), -1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(a_life, begin, without_directory),
		cmocka_unit_test_setup_teardown(classes, begin, without_directory),
		cmocka_unit_test_setup_teardown(leftovers, begin, without_directory),
	};
	fetch_init();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
