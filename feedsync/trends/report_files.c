/* SPDX-License-Identifier: BSD-3-Clause */
#include "feedsync/trends/report_files.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "feedsync/base/atomic_file.h"
#include "feedsync/base/json.h"
#include "feedsync/guard/guard.h"
#include "feedsync/trends/trends_html.h"
#include "feedsync/trends/trends_print.h"
#include "feedsync/trends/trends_store.h"
#include "libweir/errors.h"
#include "libweir/memory_text.h"

enum {
	WORTH_DAYS = 30,
	REPORT_PATH = MAX_STATE_PATH + 64,
	MAX_REPORTS_LISTED = 5000,
};

static const char *path_in_report(
	const struct config *config, struct period period, const char *file, char path[REPORT_PATH])
{
	char text[PERIOD_TEXT];
	snprintf(path, REPORT_PATH, "%s/%s%s%s", config->trends.report, period_text(period, text), file[0] ? "/" : "",
		file);
	return path;
}

static bool has_report(const struct config *config, struct period period)
{
	char path[REPORT_PATH];
	return access(path_in_report(config, period, "index.html", path), F_OK) == 0;
}

bool report_files_due(const struct config *config, uint64_t now, struct period *period)
{
	uint64_t last = shown_last_day(now);
	char store[MAX_STATE_PATH + sizeof "/" TRENDS_FILE];
	snprintf(store, sizeof store, "%s/" TRENDS_FILE, config->state);
	if (!config->trends.report || last < 2 * 7 || access(store, F_OK) != 0)
		return false;
	*period = (struct period){last, last};
	if (!has_report(config, *period))
		return true;
	*period = period_before(period_of_week(last + 1));
	return !has_report(config, *period);
}

/* ---- one report ---- */

typedef void print_report(const struct trends_report *report, const struct feeds_worth *worth, FILE *out);

static void print_csv_file(const struct trends_report *report, const struct feeds_worth *worth, FILE *out)
{
	(void)worth;
	trends_print_csv(report, out);
}

static void print_json_file(const struct trends_report *report, const struct feeds_worth *worth, FILE *out)
{
	struct node *root = trends_json(report);
	char *text = json_print(root);
	(void)worth;
	if (text)
		fputs(text, out);
	free(text);
	node_free(root);
}

static int write_printed(const char *path, print_report *print, const struct trends_report *report,
	const struct feeds_worth *worth, struct why *why)
{
	char *text = NULL;
	size_t length = 0;
	FILE *out = open_memstream(&text, &length);
	if (!out)
		return why_set(why, -ENOMEM, "out of memory");
	print(report, worth, out);
	int status = memory_text_close(out, &text) && length > 0 ? 0 : why_set(why, -ENOMEM, "out of memory");
	if (status == 0)
		status = atomic_file_write(path, MODE_PRIVATE, text, length, why);
	free(text);
	return status == DURABILITY_UNCERTAIN ? 0 : status; /* it is written again, should it be lost */
}

/* ---- the list of reports ---- */

static int by_newest(const void *a, const void *b)
{
	const struct period *x = a, *y = b;
	if (x->last != y->last)
		return x->last < y->last ? 1 : -1;
	return (x->first > y->first) - (x->first < y->first);
}

static size_t find_reports(const char *directory, struct period *periods)
{
	size_t count = 0;
	DIR *dir = opendir(directory);
	for (struct dirent *entry; dir && count < MAX_REPORTS_LISTED && (entry = readdir(dir));)
		count += period_read(entry->d_name, &periods[count]);
	if (dir)
		closedir(dir);
	qsort(periods, count, sizeof *periods, by_newest);
	return count;
}

static int write_overview(const struct config *config, struct why *why)
{
	char *page = NULL, path[REPORT_PATH], text[PERIOD_TEXT];
	size_t length = 0;
	struct period *periods = calloc(MAX_REPORTS_LISTED, sizeof *periods);
	FILE *out = periods ? open_memstream(&page, &length) : NULL;
	int status = out ? 0 : why_set(why, -ENOMEM, "out of memory");
	if (out) {
		size_t count = find_reports(config->trends.report, periods);
		report_page_begin(out, "Trends");
		fputs("<ul>\n", out);
		for (size_t i = 0; i < count; i++) {
			period_text(periods[i], text);
			fprintf(out, "<li><a href=\"%s/index.html\">%s</a></li>\n", text, text);
		}
		fputs("</ul>\n", out);
		report_page_end(out);
		if (!memory_text_close(out, &page))
			status = why_set(why, -ENOMEM, "out of memory");
	}
	snprintf(path, sizeof path, "%s/index.html", config->trends.report);
	if (status == 0)
		status = atomic_file_write(path, MODE_PRIVATE, page, length, why);
	free(page);
	free(periods);
	return status == DURABILITY_UNCERTAIN ? 0 : status;
}

/* ---- all files of a report ---- */

static int write_files(const struct config *config, const struct trends_report *report, const struct feeds_worth *worth,
	struct why *why)
{
	static const struct {
		const char *name;
		print_report *print;
	} files[] = {{"trends.csv", print_csv_file}, {"trends.json", print_json_file}};
	const struct period period = report->question.period;
	char path[REPORT_PATH];
	int status = directory_create(path_in_report(config, period, "", path));
	if (status != 0)
		return why_set(why, status, "%s: %s", path, error_text(status));
	for (size_t i = 0; status == 0 && i < sizeof files / sizeof *files; i++)
		status = write_printed(
			path_in_report(config, period, files[i].name, path), files[i].print, report, worth, why);
	if (status == 0)
		status = write_overview(config, why);
	/* The last one tells that all are there: the report is written again until it is. */
	if (status == 0)
		status = write_printed(
			path_in_report(config, period, "index.html", path), trends_print_html, report, worth, why);
	return status;
}

int report_files_write(const struct config *config, struct period period, struct why *why)
{
	struct trends_report *report = NULL;
	struct feeds_worth *worth = NULL;
	struct guard *guard = NULL;
	struct why no_worth;
	struct trends_question question = {.state = config->state,
		.table = config->table,
		.period = period,
		.against = period_before(period),
		.min_clients = config->trends.min_clients,
		.config = config};
	int status = guard_new(&guard, &config->guard, GUARD_ASKS, why);
	question.guard = guard;
	if (status == 0)
		status = trends_report_new(&report, &question, why);
	if (status == 0 && feeds_worth_new(&worth, &question, period.last, WORTH_DAYS, &no_worth) != 0)
		worth = NULL; /* nothing is published */
	if (status == 0)
		status = write_files(config, report, worth, why);
	feeds_worth_free(&worth);
	trends_report_free(&report);
	guard_free(&guard);
	return status;
}
