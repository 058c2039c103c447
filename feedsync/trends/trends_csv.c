/* SPDX-License-Identifier: BSD-3-Clause */
/* The report as CSV (RFC 4180), for spreadsheets. One table: what a row is of stands in its first column. A spreadsheet
 * takes a text that begins with = + - or @ for a formula, and runs it: such a text gets an apostrophe before it. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "feedsync/base/clean.h"
#include "feedsync/trends/trends_print.h"

enum { CSV_TEXT = 4096 };

static void print_text(FILE *out, const char *text)
{
	char clean[CSV_TEXT];
	clean_text(clean, sizeof clean, text);
	fputs("\"", out);
	if (clean[0] && strchr("=+-@", clean[0]))
		putc('\'', out);
	for (const char *c = clean; *c; c++) {
		if (*c == '"')
			putc('"', out);
		putc(*c, out);
	}
	putc('"', out);
}

static void print_number(FILE *out, uint64_t number)
{
	fprintf(out, ",%" PRIu64, number);
}

static void print_percent_field(FILE *out, bool known, double percent)
{
	putc(',', out);
	if (known)
		fprintf(out, "%.6g", percent);
}

static void print_row_of_period(FILE *out, const char *what, uint64_t now, uint64_t before)
{
	double percent;
	bool known = change_percent(before, now, &percent);
	fprintf(out, "period,%s,,,", what);
	print_number(out, now);
	print_number(out, before);
	print_percent_field(out, known, percent);
	fputs(",,,,,,,\r\n", out);
}

static void print_rows_of_sums(FILE *out, const char *what, const char *unnamed, const struct sum_list *list)
{
	for (size_t i = 0; i < list->count; i++) {
		const struct report_sum *sum = &list->sum[i];
		double percent;
		bool known = change_percent(sum->before, sum->hits, &percent);
		fprintf(out, "%s,", what);
		print_text(out, sum->name[0] ? sum->name : unnamed);
		fprintf(out, ",,,%s", sum->logged ? "logged" : "");
		print_number(out, sum->hits);
		print_number(out, sum->before);
		print_percent_field(out, known, percent);
		print_number(out, sum->names);
		print_number(out, sum->further);
		fputs(",,,,,\r\n", out);
	}
}

static void print_suspicion(FILE *out, unsigned suspicion)
{
	bool first = true;
	for (const struct suspicion_row *row = suspicion_rows; row->key; row++) {
		if (suspicion & row->suspicion)
			fprintf(out, "%s%s", first ? "" : " ", row->key);
		first &= !(suspicion & row->suspicion);
	}
}

static void print_row_of_rule(FILE *out, const struct trends_report *report, const struct report_rule *rule)
{
	char feeds[FEEDS_TEXT];
	double percent;
	bool known = change_percent(rule->before, rule->hits, &percent);
	fputs("rule,", out);
	print_text(out, rule->name);
	fprintf(out, ",%s,", scope_text(rule->scope));
	print_text(out, rule->category);
	fprintf(out, ",%s", rule->logged ? "logged" : "");
	print_number(out, rule->hits);
	print_number(out, rule->before);
	print_percent_field(out, known, percent);
	fprintf(out, ",,,%.0f,%.0f,%s%s%s,", rule->low, rule->high, rule->new ? "new" : "",
		rule->new && rule->rising ? " " : "", rule->rising ? "rising" : "");
	print_suspicion(out, rule->suspicion);
	putc(',', out);
	print_text(out, report_feeds_text(report, rule, " ", feeds));
	fputs("\r\n", out);
}

void trends_print_csv(const struct trends_report *report, FILE *out)
{
	const struct report_period *now = &report->now, *before = &report->before;
	fputs("what,name,scope,category,logged,hits,before,change_percent,names,further,clients,clients_most,trend,"
	      "suspect,feeds\r\n",
		out);
	print_row_of_period(out, "blocked", now->blocked, before->blocked);
	print_row_of_period(out, "logged", now->logged, before->logged);
	print_row_of_period(out, "unattributed", now->unattributed, before->unattributed);
	if (now->queries_known)
		print_row_of_period(out, "queries", now->queries, before->queries_known ? before->queries : 0);
	print_rows_of_sums(out, "category", "others", &report->categories);
	print_rows_of_sums(out, "feed", "listed no more", &report->feeds);
	print_rows_of_sums(out, "action", "", &report->actions);
	print_rows_of_sums(out, "group", "", &report->groups);
	for (unsigned hour = 0; hour < HOURS_OF_DAY; hour++)
		fprintf(out, "hour,%02u,,,,%" PRIu64 ",,,,,,,,,\r\n", hour, report->hours[hour]);
	for (size_t i = 0; i < report->rule_count; i++)
		print_row_of_rule(out, report, &report->rules[i]);
}
