/* SPDX-License-Identifier: BSD-3-Clause */
#include "feedsync/trends/trends_html.h"

#include <inttypes.h>

#include "feedsync/base/html_text.h"
#include "feedsync/trends/trends_html_private.h"
#include "feedsync/trends/trends_print.h"
#include "libweir/version.h"

/* What a report has beyond the pages: figures in a row, bars in tables, and paper. */
static const char report_style[] =
	"main{padding-top:1rem}\n"
	"h1{font-size:1.5rem;margin:.5rem 0}\n"
	"dl{display:grid;grid-template-columns:repeat(auto-fit,minmax(9rem,1fr));gap:1rem;margin:1rem 0}\n"
	"dt{color:var(--dim)}dd{margin:0}dd b{font-size:1.5rem;font-weight:600;display:block}\n"
	"td{overflow-wrap:break-word}caption{text-align:left;color:var(--dim)}\n"
	"td.bar{width:30%;vertical-align:middle}\n"
	"table.hours th{color:var(--dim);font-weight:400}\n"
	"td.bar svg{height:.8rem;border:0}\n"
	"figure{margin:1rem 0}figcaption{color:var(--dim)}\n"
	".axis{display:flex;justify-content:space-between;color:var(--dim)}\n"
	"@media(max-width:40rem){table.wide td{display:inline-block;margin-right:1rem}table.wide td:empty{display:none}"
	"table.wide td.bar{display:block;width:100%}table.wide thead td.bar{display:none}"
	"table.wide td.bar::before{content:none}}\n"
	"@media print{:root{color-scheme:light;--back:#fff;--text:#000;--dim:#444;--line:#999;--bar:#3b78b5}"
	"body{font-size:10pt}rect{print-color-adjust:exact;-webkit-print-color-adjust:exact}"
	"tr,figure,dl{break-inside:avoid}h2{break-after:avoid}}\n";

void report_page_begin(FILE *out, const char *title)
{
	fprintf(out,
		"<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
		"<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src "
		"'unsafe-inline'\">\n"
		"<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
		"<meta name=\"color-scheme\" content=\"light dark\">\n<meta name=\"referrer\" "
		"content=\"no-referrer\">\n"
		"<title>%s</title>\n<style>\n%s%s</style>\n</head>\n<body>\n<main>\n<h1>%s</h1>\n",
		title, html_style, report_style, title);
}

void report_page_end(FILE *out)
{
	fprintf(out, "<p class=\"dim\">Weir %s</p>\n</main>\n</body>\n</html>\n", weir_release);
}

void print_number_cell(FILE *out, const char *title, uint64_t number)
{
	fprintf(out, "<td class=\"number\" data-label=\"%s\">%" PRIu64 "</td>", title, number);
}

/* ---- figures ---- */

static void print_figure(FILE *out, const char *title, uint64_t now, const char *more)
{
	fprintf(out, "<div><dt>%s</dt><dd><b>%" PRIu64 "</b>%s</dd></div>\n", title, now, more);
}

static void print_figures(const struct trends_report *report, FILE *out)
{
	const struct report_period *now = &report->now, *before = &report->before;
	char text[96];
	double percent;
	fputs("<dl>\n", out);
	print_figure(out, now->whole ? "Blocked" : "Blocked, at least", now->blocked,
		change_text(before->blocked, now->blocked, text));
	print_figure(out, "Logged only", now->logged, change_text(before->logged, now->logged, text));
	if (blocked_percent(now, &percent))
		fprintf(out, "<div><dt>Share of all queries</dt><dd><b>%.4g %%</b>of %" PRIu64 "</dd></div>\n", percent,
			now->queries);
	else
		fputs("<div><dt>Share of all queries</dt><dd><b>not known</b></dd></div>\n", out);
	snprintf(text, sizeof text, "and %" PRIu64 " further, %" PRIu64 " hits", now->further, now->further_hits);
	print_figure(out, "Names", now->names, text);
	if (now->clients > 0)
		print_figure(out, "Clients, about", (uint64_t)now->clients, "");
	if (now->unattributed > 0)
		print_figure(out, "Of no known rule", now->unattributed, "");
	if (now->lost_minutes > 0)
		print_figure(out, "Minutes not counted by rule", now->lost_minutes, "");
	fputs("</dl>\n", out);
}

/* ---- hours ---- */

static void print_hours_chart(const struct trends_report *report, FILE *out)
{
	uint64_t most = 0;
	for (unsigned h = 0; h < HOURS_OF_DAY; h++)
		most = report->hours[h] > most ? report->hours[h] : most;
	fputs("<h2>By hour</h2>\n<figure><svg viewBox=\"0 0 240 100\" preserveAspectRatio=\"none\" "
	      "aria-hidden=\"true\">",
		out);
	for (unsigned h = 0; h < HOURS_OF_DAY; h++) {
		double height = most > 0 ? 98.0 * (double)report->hours[h] / (double)most : 0;
		fprintf(out, "<rect x=\"%u\" y=\"%.1f\" width=\"8\" height=\"%.1f\"/>", 10 * h + 1, 100 - height,
			height);
	}
	fputs("</svg><div class=\"axis\" "
	      "aria-hidden=\"true\"><span>0</span><span>6</span><span>12</span><span>18</span>"
	      "<span>24</span></div>\n"
	      "<figcaption>Hits in each hour of the day (UTC), of the names that are shown.</figcaption></figure>\n"
	      "<table class=\"hours\"><caption>The same as a table</caption><tbody>\n",
		out);
	for (unsigned row = 0; row < HOURS_OF_DAY / 4; row++) {
		fputs("<tr>", out);
		for (unsigned h = row; h < HOURS_OF_DAY; h += HOURS_OF_DAY / 4)
			fprintf(out, "<th scope=\"row\">%02u</th><td>%" PRIu64 "</td>", h, report->hours[h]);
		fputs("</tr>\n", out);
	}
	fputs("</tbody></table>\n", out);
}

/* ---- sums ---- */

static void print_bar(FILE *out, uint64_t part, uint64_t most)
{
	fprintf(out,
		"<td class=\"bar\"><svg viewBox=\"0 0 100 10\" preserveAspectRatio=\"none\" aria-hidden=\"true\">"
		"<rect width=\"%.1f\" height=\"10\"/></svg></td>",
		most > 0 ? 100.0 * (double)part / (double)most : 0);
}

/* The bars and their table are one. */
static void print_sum_table(
	FILE *out, const char *title, const char *note, const char *unnamed, const struct sum_list *list)
{
	uint64_t most = 0;
	char change[CHANGE_TEXT];
	for (size_t i = 0; i < list->count; i++)
		most = list->sum[i].hits > most ? list->sum[i].hits : most;
	if (most == 0)
		return;
	fprintf(out,
		"<h2>By %s</h2>\n<p class=\"dim\">%s</p>\n<table class=\"wide\"><thead><tr><th scope=\"col\">Name</th>"
		"<td class=\"bar\"></td><th scope=\"col\" class=\"number\">Hits</th><th scope=\"col\" "
		"class=\"number\">Change</th><th scope=\"col\" class=\"number\">Names</th></tr></thead><tbody>\n",
		title, note);
	for (size_t i = 0; i < list->count; i++) {
		const struct report_sum *sum = &list->sum[i];
		if (sum->hits == 0)
			continue;
		fputs("<tr><th scope=\"row\">", out);
		html_text(out, sum->name[0] ? sum->name : unnamed);
		fputs(sum->logged ? ", logged only</th>" : "</th>", out);
		print_bar(out, sum->hits, most);
		print_number_cell(out, "Hits", sum->hits);
		fprintf(out,
			"<td class=\"number\" data-label=\"Change\">%s</td><td class=\"number\" "
			"data-label=\"Names\">%" PRIu64,
			change_text(sum->before, sum->hits, change), sum->names);
		if (sum->further > 0)
			fprintf(out, " + %" PRIu64, sum->further);
		fputs("</td></tr>\n", out);
	}
	fputs("</tbody></table>\n", out);
}

void trends_print_html(const struct trends_report *report, const struct feeds_worth *worth, FILE *out)
{
	const struct trends_question *q = &report->question;
	char title[64], period[PERIOD_TEXT], against[PERIOD_TEXT];
	snprintf(title, sizeof title, "Trends of %s", period_text(q->period, period));
	report_page_begin(out, title);
	fprintf(out,
		"<p>What was blocked or logged, in UTC, against %s. A name that fewer than %u clients asked for is not "
		"shown: it is a further name. Numbers are rounded to two digits. A hit is a query, not a visit: one "
		"visit "
		"makes several.</p>\n",
		period_text(q->against, against), q->min_clients);
	if (report->now.days == 0) {
		fputs("<p>Nothing is known of it.</p>\n", out);
		report_page_end(out);
		return;
	}
	print_figures(report, out);
	print_sum_table(out, "category", "Names that are shown, + further names.", "others, too small to be told apart",
		&report->categories);
	print_hours_chart(report, out);
	print_sum_table(out, "feed",
		"Of the names that are shown. A name of two feeds counts for both: the numbers do not add up.",
		"listed no more", &report->feeds);
	print_sum_table(out, "action", "Of the names that are shown.", "", &report->actions);
	if (report->groups.count > 1)
		print_sum_table(out, "group of clients", "Of the names that are shown.", "", &report->groups);
	print_rule_lists(report, out);
	if (worth)
		print_worth_table(report, worth, out);
	report_page_end(out);
}
