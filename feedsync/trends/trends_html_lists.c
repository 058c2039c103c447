/* SPDX-License-Identifier: BSD-3-Clause */
/* The lists of rules in the page, and what the feeds are worth. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "feedsync/base/html_text.h"
#include "feedsync/entries/self_test.h"
#include "feedsync/trends/trends_html.h"
#include "feedsync/trends/trends_html_private.h"
#include "feedsync/trends/trends_print.h"

enum { ROWS_OF_LIST = 10, DEFANGED_TEXT = 4 * NAME_MAX_TEXT };

/* No program makes a link of it. */
static void print_defanged(FILE *out, const char *name)
{
	char text[DEFANGED_TEXT];
	size_t used = 0;
	for (; *name && used + 4 < sizeof text; name++) {
		if (*name == '.') {
			memcpy(text + used, "[.]", 3);
			used += 3;
		} else {
			text[used++] = *name;
		}
	}
	text[used] = '\0';
	html_text(out, text);
}

static const char *note_of_list(enum report_list list)
{
	switch (list) {
	case LIST_NEW: return "Never shown in the 90 days before.";
	case LIST_RISING:
		return "At least 50 hits a day, three times as many as in the 7 days before, and more than chance "
		       "explains.";
	case LIST_SUSPECTS:
		return "Listed for less than three days, and hit more than such names are: look whether it is a "
		       "mistake.";
	default: return NULL;
	}
}

static void print_reasons(FILE *out, unsigned suspicion)
{
	for (const struct suspicion_row *row = suspicion_rows; row->key; row++)
		if (suspicion & row->suspicion)
			fprintf(out, "<br><span class=\"dim\">%s</span>", row->text);
}

static void print_rule_row(
	const struct trends_report *report, enum report_list list, const struct report_rule *rule, FILE *out)
{
	char clients[CLIENTS_TEXT], change[CHANGE_TEXT], feeds[FEEDS_TEXT];
	fputs("<tr><th scope=\"row\">", out);
	print_defanged(out, rule->name);
	if (rule->scope == SCOPE_SUBTREE)
		fputs(" <span class=\"dim\">and below</span>", out);
	if (list == LIST_SUSPECTS)
		print_reasons(out, rule->suspicion);
	fputs("</th><td data-label=\"Category\">", out);
	html_text(out, rule->category);
	fputs(rule->logged ? ", logged only</td>" : "</td>", out);
	print_number_cell(out, "Hits", rule->hits);
	fprintf(out,
		"<td class=\"number\" data-label=\"Change\">%s</td><td class=\"number\" data-label=\"Clients\">%s</td>"
		"<td data-label=\"Feeds\">",
		change_text(rule->before, rule->hits, change), clients_text(rule, clients));
	report_feeds_text(report, rule, ", ", feeds);
	html_text(out, feeds[0] ? feeds : "listed no more");
	fputs("</td></tr>\n", out);
}

static void print_rule_list(const struct trends_report *report, enum report_list list, FILE *out)
{
	size_t count;
	const struct report_rule **rules = report_list(report, list, ROWS_OF_LIST, &count);
	if (count > 0) {
		fprintf(out, "<h2>%s</h2>\n", report_list_title(list));
		if (note_of_list(list))
			fprintf(out, "<p class=\"dim\">%s</p>\n", note_of_list(list));
		fputs("<table class=\"wide\"><thead><tr><th scope=\"col\">Name</th><th scope=\"col\">Category</th>"
		      "<th scope=\"col\" class=\"number\">Hits</th><th scope=\"col\" class=\"number\">Change</th>"
		      "<th scope=\"col\" class=\"number\">Clients</th><th "
		      "scope=\"col\">Feeds</th></tr></thead><tbody>\n",
			out);
	}
	for (size_t i = 0; i < count; i++)
		print_rule_row(report, list, rules[i], out);
	if (count > 0)
		fputs("</tbody></table>\n", out);
	free(rules);
}

void print_rule_lists(const struct trends_report *report, FILE *out)
{
	for (enum report_list list = 0; list < REPORT_LISTS; list++)
		print_rule_list(report, list, out);
	if (!report->earlier_known)
		fputs("<p>Nothing is known of the days before: what is new and what rises cannot be told.</p>\n", out);
}

/* ---- feeds ---- */

static void print_percent_cell(FILE *out, const char *title, uint64_t part, uint64_t whole)
{
	fprintf(out, "<td class=\"number\" data-label=\"%s\">%.2g %%</td>", title,
		whole > 0 ? 100.0 * (double)part / (double)whole : 0);
}

static void print_worth_row(
	const struct trends_report *report, const struct feeds_worth *worth, const struct feed_worth *feed, FILE *out)
{
	char name[SHOWN_NAME];
	fputs("<tr><th scope=\"row\">", out);
	html_text(out, report_feed_name(report, feed->name, name));
	fputs("</th>", out);
	print_number_cell(out, "Names", two_digits((double)feed->names));
	print_percent_cell(out, "Unique", feed->unique, feed->names);
	print_percent_cell(out, "Hit in 30 days", feed->hit_30, feed->names);
	print_percent_cell(out, "Hit in 90 days", feed->hit_90, feed->names);
	print_percent_cell(out, "Hits only by it", feed->unique_hits, worth->hits);
	print_number_cell(out, "Suspects", feed->suspects);
	fputs("</tr>\n", out);
}

static bool is_shown_feed(const struct feed_worth *feed)
{
	return feed->names > 0 && strcmp(feed->name, SELF_TEST_FEED) != 0;
}

/* Row by row: how much of a feed's names each other one covers. */
static void print_overlap(const struct trends_report *report, const struct feeds_worth *worth, FILE *out)
{
	char name[SHOWN_NAME];
	fputs("<h2>What feeds share</h2>\n<p class=\"dim\">How much of the names of each feed others cover, too.</p>\n"
	      "<table class=\"wide\"><thead><tr><th scope=\"col\">Feed</th><th scope=\"col\">Shares</th></tr></thead>"
	      "<tbody>\n",
		out);
	for (uint32_t f = 0; f < worth->count; f++) {
		bool any = false;
		if (!is_shown_feed(&worth->feed[f]))
			continue;
		fputs("<tr><th scope=\"row\">", out);
		html_text(out, report_feed_name(report, worth->feed[f].name, name));
		fputs("</th><td data-label=\"Shares\">", out);
		for (uint32_t other = 0; other < worth->count; other++) {
			uint64_t shared = worth->feed[f].shared[other];
			if (other == f || shared == 0)
				continue;
			fprintf(out, "%s%.2g %% with ", any ? ", " : "",
				100.0 * (double)shared / (double)worth->feed[f].names);
			html_text(out, report_feed_name(report, worth->feed[other].name, name));
			any = true;
		}
		fputs(any ? "</td></tr>\n" : "nothing</td></tr>\n", out);
	}
	fputs("</tbody></table>\n", out);
}

void print_worth_table(const struct trends_report *report, const struct feeds_worth *worth, FILE *out)
{
	fputs("<h2>What feeds are worth</h2>\n<p class=\"dim\">Of the last 30 days. Unique: no other feed covers the "
	      "name. "
	      "Names that were never hit are dead.</p>\n"
	      "<table class=\"wide\"><thead><tr><th scope=\"col\">Feed</th><th scope=\"col\" "
	      "class=\"number\">Names</th>"
	      "<th scope=\"col\" class=\"number\">Unique</th><th scope=\"col\" class=\"number\">Hit in 30 days</th>"
	      "<th scope=\"col\" class=\"number\">Hit in 90 days</th><th scope=\"col\" class=\"number\">Hits only by "
	      "it</th><th scope=\"col\" class=\"number\">Suspects</th></tr></thead><tbody>\n",
		out);
	for (uint32_t f = 0; f < worth->count; f++)
		if (is_shown_feed(&worth->feed[f]))
			print_worth_row(report, worth, &worth->feed[f], out);
	fputs("</tbody></table>\n", out);
	print_overlap(report, worth, out);
}
