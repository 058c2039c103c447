/* SPDX-License-Identifier: BSD-3-Clause */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "feedsync/trends/trends_print.h"

enum { SHOWN_RULES = 20 };

/* ---- the period as a whole ---- */

static void print_sum_line(FILE *out, const char *title, uint64_t now, uint64_t before, const char *more)
{
	char change[CHANGE_TEXT];
	fprintf(out, "%-16s %12" PRIu64 " %10s%s%s\n", title, now, change_text(before, now, change),
		more[0] ? "  " : "", more);
}

static void print_whole(const struct trends_report *report, FILE *out)
{
	const struct report_period *now = &report->now, *before = &report->before;
	char text[96] = "share of queries not known";
	double percent;
	if (blocked_percent(now, &percent))
		snprintf(text, sizeof text, "%.4g %% of %" PRIu64 " queries", percent, now->queries);
	print_sum_line(out, "blocked", now->blocked, before->blocked, text);
	print_sum_line(out, "logged only", now->logged, before->logged, "");
	if (!now->whole)
		fprintf(out, "that is the least: the rest is of too few names\n");
	if (now->unattributed > 0)
		print_sum_line(
			out, "of no rule", now->unattributed, before->unattributed, "there was no room to tell which");
	snprintf(text, sizeof text, "and %" PRIu64 " further names, %" PRIu64 " hits", now->further, now->further_hits);
	print_sum_line(out, "names", now->names, 0, text);
	if (now->clients > 0)
		fprintf(out, "%-16s %12.0f\n", "clients, about", now->clients);
	if (now->lost_minutes > 0)
		fprintf(out, "%-16s %12" PRIu64 "             minutes in which hits were counted, but not by rule\n",
			"minutes lost", now->lost_minutes);
}

/* ---- sums ---- */

static void print_sums(const struct sum_list *list, const char *title, const char *unnamed, FILE *out)
{
	if (list->count == 0)
		return;
	fprintf(out, "\n%s\n", title);
	for (size_t i = 0; i < list->count; i++) {
		const struct report_sum *sum = &list->sum[i];
		char change[CHANGE_TEXT];
		fprintf(out, "  %-30s %12" PRIu64 " %10s  %" PRIu64 " names", sum->name[0] ? sum->name : unnamed,
			sum->hits, change_text(sum->before, sum->hits, change), sum->names);
		if (sum->further > 0)
			fprintf(out, ", %" PRIu64 " further", sum->further);
		fprintf(out, "%s\n", sum->logged ? ", logged only" : "");
	}
}

static void print_hours_line(const struct trends_report *report, FILE *out)
{
	fprintf(out, "\nBy hour (UTC), of the names that are shown\n ");
	for (unsigned hour = 0; hour < HOURS_OF_DAY; hour++)
		fprintf(out, " %02u:%" PRIu64, hour, report->hours[hour]);
	fprintf(out, "\n");
}

/* ---- rules ---- */

static void print_rule_line(
	const struct trends_report *report, enum report_list list, const struct report_rule *rule, FILE *out)
{
	char clients[CLIENTS_TEXT], change[CHANGE_TEXT], feeds[FEEDS_TEXT];
	report_feeds_text(report, rule, ", ", feeds);
	fprintf(out, "  %-36s %9" PRIu64 " hits %8s  %s clients, %s%s%s; %s%s\n", rule->name, rule->hits,
		change_text(rule->before, rule->hits, change), clients_text(rule, clients), rule->category,
		rule->scope == SCOPE_EXACT ? ", exact" : "", rule->logged ? ", logged only" : "",
		feeds[0] ? "feeds " : "not listed any more", feeds);
	for (const struct suspicion_row *row = suspicion_rows; list == LIST_SUSPECTS && row->key; row++)
		if (rule->suspicion & row->suspicion)
			fprintf(out, "      %s\n", row->text);
}

static void print_list(const struct trends_report *report, enum report_list list, FILE *out)
{
	size_t count;
	const struct report_rule **rules = report_list(report, list, SHOWN_RULES, &count);
	if (count > 0)
		fprintf(out, "\n%s\n", report_list_title(list));
	for (size_t i = 0; i < count; i++)
		print_rule_line(report, list, rules[i], out);
	free(rules);
}

void trends_print_words(const struct trends_report *report, FILE *out)
{
	char period[PERIOD_TEXT], against[PERIOD_TEXT];
	const struct trends_question *q = &report->question;
	fprintf(out, "Trends of %s, against %s. ", period_text(q->period, period), period_text(q->against, against));
	if (q->min_clients > 0)
		fprintf(out, "A rule that fewer than %u clients hit is not named; numbers are rounded.\n\n",
			q->min_clients);
	else
		fprintf(out, "Everything is shown: not for others.\n\n");
	if (report->now.days == 0) {
		fprintf(out, "Nothing is known of it.\n");
		return;
	}
	print_whole(report, out);
	print_sums(&report->categories, "By category", "others", out);
	print_sums(&report->feeds, "By feed, of the names that are shown; a name of two feeds counts for both",
		"listed no more", out);
	print_sums(&report->actions, "By action, of the names that are shown", "", out);
	if (report->groups.count > 1)
		print_sums(&report->groups, "By group, of the names that are shown", "", out);
	if (report->rule_count > 0)
		print_hours_line(report, out);
	for (enum report_list list = 0; list < REPORT_LISTS; list++)
		print_list(report, list, out);
	if (!report->earlier_known)
		fprintf(out, "\nNothing is known of the days before: what is new and what rises cannot be told.\n");
}
