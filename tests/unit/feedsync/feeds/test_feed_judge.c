/* SPDX-License-Identifier: BSD-3-Clause */
/* Whether a new version is to be believed, above all one without an entry. */
#include "tests/unit/unit.h"

#include <errno.h>
#include <sys/stat.h>

#include "feedsync/base/maxima.h"
#include "feedsync/feeds/feed.h"

static struct feed_config config;

static int begin(void **state)
{
	if (with_directory(state) != 0 || mkdir(in_directory("feeds"), 0755) != 0 ||
		mkdir(in_directory("feeds/l"), 0755) != 0)
		return -1;
	config = (struct feed_config){.name = "l",
		.url = "https://a.example/list",
		.limits = {.max_shrink = 50, .max_growth = 100, .max_churn = 90, .max_rejected = 50}};
	return 0;
}

enum { MANY = 2 * ALARM_MIN_CHANGE };

static void cases(void **state)
{
	(void)state;
	static const struct {
		const char *what, *format;
		bool own, good; /* a file of this machine; there is a good version, of MANY entries */
		uint64_t entries, damaged;
		enum reject reject; /* so many are refused for it */
		uint64_t rejected;
		bool blank;
		int status;
		enum alarm alarm;
	} rows[] = {
		{"the first version", "domains", false, false, 5, 0, 0, 0, false, 0, ALARM_NONE},
		{"as many", "domains", false, true, MANY, 0, 0, 0, false, 0, ALARM_NONE},
		{"few are left", "domains", false, true, 5, 0, 0, 0, false, -EBADMSG, ALARM_SHRINK},
		{"far more", "domains", false, true, 5 * MANY, 0, 0, 0, false, -EBADMSG, ALARM_GROWTH},
		{"most of it is unusable", "domains", false, true, MANY, 0, REJECT_CHARACTER, 3 * MANY, false, -EBADMSG,
			ALARM_REJECTED},
		{"blank", "domains", false, false, 0, 0, 0, 0, true, -EBADMSG, ALARM_NONE},
		{"blank, a file of this machine", "domains", true, false, 0, 0, 0, 0, true, 0, ALARM_NONE},
		{"comments alone", "domains", false, false, 0, 0, 0, 0, false, -EBADMSG, ALARM_EMPTY},
		{"comments alone, a file of this machine", "domains", true, false, 0, 0, 0, 0, false, 0, ALARM_NONE},
		{"a zone without a rule", "rpz", false, false, 0, 0, 0, 0, false, 0, ALARM_NONE},
		{"nothing but another syntax", "domains", false, false, 0, 0, REJECT_CHARACTER, 5, false, -EBADMSG,
			ALARM_NONE},
		{"the same, a file of this machine", "domains", true, false, 0, 0, REJECT_CHARACTER, 5, false, -EBADMSG,
			ALARM_NONE},
		{"all withdrawn", "stix", false, true, 0, 0, REJECT_REVOKED, 5, false, -EBADMSG, ALARM_SHRINK},
		{"all withdrawn, of a first version", "stix", false, false, 0, 0, REJECT_REVOKED, 5, false, -EBADMSG,
			ALARM_EMPTY},
		{"documents that cannot be read", "taxii", false, true, 0, 2, 0, 0, false, -EBADMSG, ALARM_NONE},
	};
	for (unsigned r = 0; r < sizeof rows / sizeof *rows; r++) {
		struct feed feed;
		struct why why = {""};
		struct parse_report report = {
			.counts = {.entries = rows[r].entries, .damaged = rows[r].damaged, .blank = rows[r].blank}};
		if (rows[r].rejected > 0)
			report.counts.rejected[rows[r].reject] = rows[r].rejected;
		config.format = format_find(rows[r].format);
		config.own = rows[r].own;
		feed_begin(&feed, &config, test_directory);
		if (rows[r].good) {
			if (config.format->layout == LAYOUT_DOCUMENT)
				write_text(feed.good, "x.example\n");
			else
				assert_int_equal(mkdir(feed.good, 0755), 0);
			if (config.format->layout == LAYOUT_PAGES)
				write_text(in_directory("feeds/l/good.taxii/pages.json"), "{}");
			feed.record.reference = MANY;
		}
		int status = feed_check_alarms(&feed, &report, NULL, &why);
		if (status != rows[r].status || feed.record.alarm != rows[r].alarm)
			fail_msg("%s: %d, \"%s\" (%s); not %d, \"%s\"", rows[r].what, status,
				alarm_key(feed.record.alarm), why.text, rows[r].status, alarm_key(rows[r].alarm));
		if (feed.record.alarm != ALARM_NONE) {
			assert_non_null(strstr(why.text, "ALARM: "));
			assert_non_null(strstr(why.text, "--accept l"));
			/* The operator accepts an alarm. */
			feed.record.alarm = ALARM_NONE;
			feed.run.accept = true;
			assert_int_equal(feed_check_alarms(&feed, &report, NULL, &why), 0);
			assert_true(feed.run.accepted);
		} else if (status != 0) { /* but not what is no version at all */
			feed.run.accept = true;
			assert_int_equal(feed_check_alarms(&feed, &report, NULL, &why), status);
			assert_false(feed.run.accepted);
		}
		if (rows[r].good)
			assert_int_equal(directory_remove(feed.good), 0);
		feed_end(&feed);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(cases, begin, without_directory),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
