/* SPDX-License-Identifier: BSD-3-Clause */
/* Metrics of each feed. Of a feed whose record cannot be read there is only that it is not well, and the class of its error. */
#include "feedsync/config/shown_names.h"
#include "feedsync/monitor/metrics.h"

/* The record of a feed, NULL if it could not be read. */
static const struct feed_record *record_of(const struct view *view, size_t feed)
{
	const struct feed *f = &view->report.feeds[feed];
	return f->unread ? NULL : &f->record;
}

static bool gather_feed_well(const struct view *view, size_t feed, double *value)
{
	*value = view->report.feed_state[feed] == CONDITION_WELL;
	return true;
}

static bool gather_entries(const struct view *view, size_t feed, double *value)
{
	const struct feed_record *record = record_of(view, feed);
	*value = record ? (double)record->parsed.counts.entries : 0;
	return record;
}

static bool gather_fetched(const struct view *view, size_t feed, double *value)
{
	const struct feed_record *record = record_of(view, feed);
	*value = record ? (double)record->received : 0;
	return record;
}

static bool gather_failures(const struct view *view, size_t feed, double *value)
{
	const struct feed_record *record = record_of(view, feed);
	*value = record ? (double)record->failures : 0;
	return record;
}

static bool gather_missing(const struct view *view, size_t feed, double *value)
{
	const struct feed_record *record = record_of(view, feed);
	*value = record ? (double)record->missing : 0;
	return record;
}

/* A time; 0 = never. */
static bool gather_time(uint64_t time, double *value)
{
	*value = (double)time;
	return time > 0;
}

static bool gather_success(const struct view *view, size_t feed, double *value)
{
	const struct feed_record *record = record_of(view, feed);
	return gather_time(record ? record->current_at : 0, value);
}

static bool gather_change(const struct view *view, size_t feed, double *value)
{
	const struct feed_record *record = record_of(view, feed);
	return gather_time(record ? record->changed_at : 0, value);
}

static bool gather_next(const struct view *view, size_t feed, double *value)
{
	const struct feed_record *record = record_of(view, feed);
	return gather_time(record ? record->next_at : 0, value);
}

/* ---- with a reason ---- */

static void add_alarms(struct series_list *series, const char *name, enum alarm raised)
{
	for (enum alarm alarm = ALARM_NONE + 1; alarm < ALARM_COUNT; alarm++)
		series_add(series, raised == alarm, (const char *[]){name, alarm_key(alarm)});
}

static void gather_alarms(const struct view *view, struct series_list *series)
{
	char name[SHOWN_NAME];
	for (size_t i = 0; i < view->report.config->feed_count; i++)
		if (record_of(view, i))
			add_alarms(series, shown_feed(view->report.config, i, name), record_of(view, i)->alarm);
}

static void gather_withheld(const struct view *view, struct series_list *series)
{
	char name[SHOWN_NAME];
	for (size_t i = 0; i < view->report.config->feed_count; i++)
		if (record_of(view, i))
			add_alarms(series, shown_feed(view->report.config, i, name),
				record_of(view, i)->withheld[0] ? record_of(view, i)->withheld_alarm : ALARM_NONE);
}

static void gather_errors(const struct view *view, struct series_list *series)
{
	char name[SHOWN_NAME];
	for (size_t i = 0; i < view->report.config->feed_count; i++) {
		const struct feed *feed = &view->report.feeds[i];
		for (enum error_class class = ERROR_NONE + 1; class < ERROR_CLASS_COUNT; class ++)
			series_add(series, feed->record.error_class == class,
				(const char *[]){shown_feed(view->report.config, i, name), error_class_word(class)});
	}
}

static void gather_rejected(const struct view *view, struct series_list *series)
{
	char name[SHOWN_NAME];
	for (size_t i = 0; i < view->report.config->feed_count; i++) {
		const struct feed_record *record = record_of(view, i);
		for (enum reject reject = 0; record && reject < REJECT_COUNT; reject++)
			if (record->parsed.counts.rejected[reject] > 0)
				series_add(series, (double)record->parsed.counts.rejected[reject],
					(const char *[]){shown_feed(view->report.config, i, name), reject_key(reject)});
	}
}

static const struct metric rows[] = {
	{"weir_feed_well", METRIC_GAUGE, "1 if the feed is well; else 0.", {"feed"}, .of_feed = gather_feed_well},
	{"weir_feed_entries", METRIC_GAUGE, "Entries that the feed's last good version has.", {"feed"},
		.of_feed = gather_entries},
	{"weir_fetch_bytes_total", METRIC_COUNTER,
		"Octets that the feed's servers have sent, documents and what stood in their place.", {"feed"},
		.of_feed = gather_fetched},
	{"weir_feed_failures", METRIC_GAUGE, "Failed attempts in a row.", {"feed"}, .of_feed = gather_failures},
	{"weir_feed_missing_documents", METRIC_GAUGE,
		"MISP events that the manifest lists and the server does not have.", {"feed"},
		.of_feed = gather_missing},
	{"weir_feed_last_success_timestamp_seconds", METRIC_GAUGE,
		"When the last good version was known to be the server's; absent if never.", {"feed"},
		.of_feed = gather_success},
	{"weir_feed_last_change_timestamp_seconds", METRIC_GAUGE,
		"When the last good version changed; absent if never.", {"feed"}, .of_feed = gather_change},
	{"weir_feed_next_attempt_timestamp_seconds", METRIC_GAUGE,
		"When the feed is asked next; absent if not planned.", {"feed"}, .of_feed = gather_next},
	{"weir_feed_error", METRIC_GAUGE, "1 for the class of the feed's error; else 0.", {"feed", "class"},
		.each = gather_errors},
	{"weir_feed_alarm", METRIC_GAUGE, "1 for the alarm that refused the feed's new version; else 0.",
		{"feed", "reason"}, .each = gather_alarms},
	{"weir_feed_withheld", METRIC_GAUGE,
		"1 for the alarm of the table that keeps an older version of the feed in force; else 0.",
		{"feed", "reason"}, .each = gather_withheld},
	{"weir_feed_rejected_entries", METRIC_GAUGE, "Entries of the last good version that are not used, by reason.",
		{"feed", "reason"}, .each = gather_rejected},
};
const struct metric_rows feed_metrics = {rows, sizeof rows / sizeof *rows};
