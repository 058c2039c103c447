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

static const struct row {
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
	{"nothing but another syntax", "domains", false, false, 0, 0, REJECT_CHARACTER, 5, false, -EBADMSG, ALARM_NONE},
	{"the same, a file of this machine", "domains", true, false, 0, 0, REJECT_CHARACTER, 5, false, -EBADMSG,
		ALARM_NONE},
	{"all withdrawn", "stix", false, true, 0, 0, REJECT_REVOKED, 5, false, -EBADMSG, ALARM_SHRINK},
	{"all withdrawn, of a first version", "stix", false, false, 0, 0, REJECT_REVOKED, 5, false, -EBADMSG,
		ALARM_EMPTY},
	{"documents that cannot be read", "taxii", false, true, 0, 2, 0, 0, false, -EBADMSG, ALARM_NONE},
};

/* A feed with the good version that a row tells of. */
static struct feed begun(const struct row *row)
{
	struct feed feed;
	config.format = format_find(row->format);
	config.own = row->own;
	feed_begin(&feed, &config, test_directory);
	if (!row->good)
		return feed;
	if (config.format->layout == LAYOUT_DOCUMENT)
		write_text(feed.good, "x.example\n");
	else
		assert_int_equal(mkdir(feed.good, 0755), 0);
	if (config.format->layout == LAYOUT_PAGES)
		write_text(in_directory("feeds/l/good.taxii/pages.json"), "{}");
	feed.record.reference = MANY;
	return feed;
}

static struct parse_report report_of(const struct row *row)
{
	struct parse_report report = {
		.counts = {.entries = row->entries, .damaged = row->damaged, .blank = row->blank}};
	if (row->rejected > 0)
		report.counts.rejected[row->reject] = row->rejected;
	return report;
}

/* The operator accepts an alarm, but not what is no version at all. */
static void check_acceptance(struct feed *feed, const struct parse_report *report, int status)
{
	struct why why;
	bool is_alarm = feed->record.alarm != ALARM_NONE;
	feed->record.alarm = ALARM_NONE;
	feed->run.accept = true;
	assert_int_equal(feed_check_alarms(feed, report, NULL, &why), is_alarm ? 0 : status);
	assert_int_equal(feed->run.accepted, is_alarm);
}

static void cases(void **state)
{
	(void)state;
	for (unsigned r = 0; r < sizeof rows / sizeof *rows; r++) {
		struct why why = {""};
		struct feed feed = begun(&rows[r]);
		struct parse_report report = report_of(&rows[r]);
		int status = feed_check_alarms(&feed, &report, NULL, &why);
		if (status != rows[r].status || feed.record.alarm != rows[r].alarm)
			fail_msg("%s: %d, \"%s\" (%s); not %d, \"%s\"", rows[r].what, status,
				alarm_key(feed.record.alarm), why.text, rows[r].status, alarm_key(rows[r].alarm));
		bool is_alarm = feed.record.alarm != ALARM_NONE;
		if (is_alarm && (!strstr(why.text, "ALARM: ") || !strstr(why.text, "--accept l")))
			fail_msg("%s: %s", rows[r].what, why.text);
		check_acceptance(&feed, &report, status);
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
