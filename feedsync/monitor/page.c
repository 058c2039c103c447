/* SPDX-License-Identifier: BSD-3-Clause */
#include "feedsync/monitor/page.h"

#include <string.h>

#include "feedsync/base/html_text.h"
#include "feedsync/base/timestamp.h"
#include "feedsync/base/units.h"
#include "feedsync/config/shown_names.h"
#include "feedsync/monitor/fleet_page.h"
#include "feedsync/monitor/html.h"
#include "libweir/version.h"

/* ---- small parts ---- */

/* A message that may name feeds. */
static void print_message(const struct view *view, FILE *out, const char *message)
{
	char shown[1024];
	html_text(out, view_message(view, message, shown, sizeof shown));
}

static void print_ago(const struct view *view, FILE *out, uint64_t then)
{
	char text[UNITS_TEXT], exact[TIMESTAMP_ROOM];
	const char *when = ago_text(view->report.now, then, text);
	if (then > 0)
		fprintf(out, "<time datetime=\"%s\">%s</time>", timestamp_text(then, exact), when);
	else
		fputs(when, out);
}

static void print_condition(FILE *out, enum condition condition)
{
	const struct condition_row *row = condition_row(condition);
	if (condition == CONDITION_WELL)
		fprintf(out, "<span class=\"good\">%s</span>", row->word);
	else
		fprintf(out, "<a class=\"bad\" href=\"/runbook#%s\">%s</a>", row->key, row->word);
}

/* ---- the parts of the page ---- */

static bool is_of_restricted(const struct view *view, const struct finding *finding)
{
	const struct config *config = view->report.config;
	char name[SHOWN_NAME];
	if (finding->partner)
		return partner_is_restricted(config, config_find_partner(config, finding->partner));
	return finding->feed && strcmp(shown_name(config, finding->feed, name), finding->feed) != 0;
}

static void print_findings(const struct view *view, FILE *out)
{
	const struct report *report = &view->report;
	fputs("<ul>\n", out);
	for (size_t i = 0; i < report->finding_count; i++) {
		const struct finding *finding = &report->findings[i];
		char next[NEXT_TEXT];
		fputs("<li>", out);
		print_message(view, out, finding->subject);
		fputs(": ", out);
		print_condition(out, finding->condition);
		/* What its server said may tell whose feed it is. */
		if (finding->detail[0] && !is_of_restricted(view, finding)) {
			fputs(" (", out);
			print_message(view, out, finding->detail);
			fputs(")", out);
		}
		fprintf(out, ": ");
		html_text(out, condition_row(finding->condition)->meaning);
		fputs("; next: <code>", out);
		print_message(view, out, report_next(finding, next));
		fputs("</code></li>\n", out);
	}
	fputs("</ul>\n", out);
}

static void print_page_verdict(const struct view *view, FILE *out)
{
	const struct report *report = &view->report;
	if (report->finding_count == 0) {
		char verdict[VERDICT_TEXT];
		report_verdict(report, verdict);
		fputs("<h1 class=\"good\">", out);
		print_message(view, out, verdict);
		fputs("</h1>\n", out);
		return;
	}
	const struct finding *worst = &report->findings[0];
	fputs("<h1 class=\"bad\">NOT WELL: ", out);
	print_message(view, out, worst->subject);
	fputs(": ", out);
	html_text(out, condition_row(worst->condition)->word);
	fputs("</h1>\n", out);
	print_findings(view, out);
}

static void print_page_table(const struct view *view, FILE *out)
{
	const struct report *report = &view->report;
	fputs("<h2>Table</h2>\n<p>", out);
	if (report->table) {
		const struct weir_header *header = table_header(report->table);
		char size[UNITS_TEXT];
		fprintf(out, "Generation %llu with %llu rules, %s, made ", (unsigned long long)header->generation,
			(unsigned long long)header->rules, size_text(table_octets(report->table), size));
		print_ago(view, out, header->created);
	} else {
		print_condition(out, TABLE_NONE);
	}
	fputs(report->config->pull.url ? ". The channel was looked at " : ". Last run ", out);
	print_ago(view, out, report->config->pull.url ? report->pull.tried_at : report->record.at);
	fputs(".</p>\n", out);
}

static void print_feed_row(const struct view *view, FILE *out, size_t number)
{
	const struct feed *feed = &view->report.feeds[number];
	const struct feed_record *record = &feed->record;
	char name[SHOWN_NAME];
	fputs("<tr><th scope=\"row\">", out);
	html_text(out, shown_feed(view->report.config, number, name));
	fputs("</th><td data-label=\"State\">", out);
	print_condition(out, view->report.feed_state[number]);
	fprintf(out,
		"</td><td class=\"number\" data-label=\"Entries\">%llu</td><td class=\"number\" "
		"data-label=\"Rejected\">%llu</td><td data-label=\"Current\">",
		feed->unread ? 0 : (unsigned long long)record->parsed.counts.entries,
		feed->unread ? 0 : (unsigned long long)counts_rejected(&record->parsed.counts));
	print_ago(view, out, feed->unread ? 0 : record->current_at);
	fputs("</td><td data-label=\"Changed\">", out);
	print_ago(view, out, feed->unread ? 0 : record->changed_at);
	fputs("</td></tr>\n", out);
}

static void print_feeds(const struct view *view, FILE *out)
{
	size_t count = view->report.config->feed_count;
	fputs("<h2>Feeds</h2>\n", out);
	if (count == 0) {
		fputs("<p>No feed is configured.</p>\n", out);
		return;
	}
	fputs("<table class=\"wide\"><thead><tr><th scope=\"col\">Feed</th><th scope=\"col\">State</th>"
	      "<th scope=\"col\" class=\"number\">Entries</th><th scope=\"col\" class=\"number\">Rejected</th>"
	      "<th scope=\"col\">Current</th><th scope=\"col\">Changed</th></tr></thead><tbody>\n",
		out);
	for (size_t i = 0; i < count; i++)
		print_feed_row(view, out, i);
	fputs("</tbody></table>\n", out);
}

/* What others are given. */
static void print_page_outputs(const struct view *view, FILE *out)
{
	const struct report *report = &view->report;
	if (report->config->output_count == 0)
		return;
	fputs("<h2>Given to others</h2>\n<table class=\"wide\"><thead><tr><th scope=\"col\">Output</th><th "
	      "scope=\"col\">State</th><th scope=\"col\" class=\"number\">Names</th><th scope=\"col\" "
	      "class=\"number\">Withheld</th><th scope=\"col\" class=\"number\">Serial</th><th "
	      "scope=\"col\">Released</th></tr></thead><tbody>\n",
		out);
	for (size_t i = 0; i < report->config->output_count; i++) {
		const struct output_record *record = &report->outputs[i];
		fputs("<tr><th scope=\"row\">", out);
		html_text(out, report->config->outputs[i].name);
		fputs("</th><td data-label=\"State\">", out);
		print_condition(out, report->output_state[i]);
		fprintf(out,
			"</td><td class=\"number\" data-label=\"Names\">%llu</td><td class=\"number\" "
			"data-label=\"Withheld\">%llu</td><td class=\"number\" data-label=\"Serial\">%llu</td><td "
			"data-label=\"Released\">",
			(unsigned long long)record->items, (unsigned long long)output_record_withheld(record),
			(unsigned long long)record->serial);
		print_ago(view, out, record->at);
		fputs("</td></tr>\n", out);
	}
	fputs("</tbody></table>\n", out);
}

static void print_page_resolvers(const struct view *view, FILE *out)
{
	const struct report *report = &view->report;
	fputs("<h2>Resolvers</h2>\n", out);
	if (report->resolver_count == 0) {
		fputs(report->config->run ? "<p class=\"bad\">No Unbound on this machine has the module.</p>\n"
					  : "<p>No resolver runs on this machine.</p>\n",
			out);
		return;
	}
	fputs("<table class=\"wide\"><thead><tr><th scope=\"col\">Resolver</th><th scope=\"col\">State</th>"
	      "<th scope=\"col\" class=\"number\">Generation</th><th scope=\"col\">Loaded</th>"
	      "<th scope=\"col\" class=\"number\">Blocked</th></tr></thead><tbody>\n",
		out);
	for (size_t i = 0; i < report->resolver_count; i++) {
		const struct counters_snapshot *resolver = &report->resolvers[i];
		if (view_resolver(view, i) > 0)
			fprintf(out, "<tr><th scope=\"row\">%u</th>", view_resolver(view, i));
		else
			fputs("<tr><th scope=\"row\">not running</th>", out);
		fputs("<td data-label=\"State\">", out);
		print_condition(out, report->resolver_state[i]);
		fprintf(out, "</td><td class=\"number\" data-label=\"Generation\">%llu</td><td data-label=\"Loaded\">",
			(unsigned long long)resolver->state.generation);
		print_ago(view, out, resolver->state.loaded_at);
		fprintf(out, "</td><td class=\"number\" data-label=\"Blocked\">%llu</td></tr>\n",
			(unsigned long long)tally_blocked(resolver));
	}
	fputs("</tbody></table>\n", out);
}

/* Bars, and the same as a table for who cannot see them. */
static void print_hours(const struct view *view, FILE *out)
{
	const struct tally *tally = &view->tally;
	uint64_t most = 0;
	for (size_t i = 0; i < tally->hour_count; i++)
		most = tally->hour[i].blocked > most ? tally->hour[i].blocked : most;
	fputs("<h2>Blocked per hour</h2>\n<svg viewBox=\"0 0 240 100\" preserveAspectRatio=\"none\" "
	      "aria-hidden=\"true\">",
		out);
	for (size_t i = 0; i < tally->hour_count; i++) {
		uint64_t age = (tally->hour[tally->hour_count - 1].begin - tally->hour[i].begin) / 3600;
		double height = most > 0 ? 98.0 * (double)tally->hour[i].blocked / (double)most : 0;
		if (age < TALLY_HOURS)
			fprintf(out, "<rect x=\"%u\" y=\"%.1f\" width=\"8\" height=\"%.1f\"/>",
				(unsigned)(10 * (TALLY_HOURS - 1 - age) + 1), 100 - height, height);
	}
	fprintf(out,
		"</svg>\n<p class=\"dim\">The last %d hours; the highest bar is %llu.</p>\n"
		"<details><summary>As a table</summary><table><thead><tr><th scope=\"col\">Hour, UTC</th>"
		"<th scope=\"col\" class=\"number\">Blocked</th></tr></thead><tbody>\n",
		TALLY_HOURS, (unsigned long long)most);
	for (size_t i = tally->hour_count; i-- > 0;) {
		char begin[TIMESTAMP_ROOM];
		fprintf(out, "<tr><td>%.16s</td><td class=\"number\">%llu</td></tr>\n",
			timestamp_text(tally->hour[i].begin, begin), (unsigned long long)tally->hour[i].blocked);
	}
	fputs("</tbody></table></details>\n", out);
}

static void print_page_changes(const struct view *view, FILE *out)
{
	fputs("<h2>Last changes</h2>\n", out);
	if (view->publish_count == 0) {
		fputs("<p>None is in the history.</p>\n", out);
		return;
	}
	fputs("<ul>\n", out);
	for (size_t i = 0; i < view->publish_count; i++) {
		const struct view_publish *publish = &view->publish[i];
		fprintf(out, "<li>Generation %llu, ", (unsigned long long)publish->generation);
		print_ago(view, out, publish->time);
		fputs(", ", out);
		html_text(out, publish->cause);
		if (publish->counted)
			fprintf(out, ": +%llu &minus;%llu", (unsigned long long)publish->added,
				(unsigned long long)publish->removed);
		fprintf(out, ", %llu rules</li>\n", (unsigned long long)publish->rules);
	}
	fputs("</ul>\n<p class=\"dim\">More: <code>feedsync history</code></p>\n", out);
}

void page_print(const struct view *view, FILE *out)
{
	char now[TIMESTAMP_ROOM];
	html_begin(out, view->report.finding_count == 0 ? "Weir: well" : "Weir: NOT WELL", "");
	print_page_verdict(view, out);
	print_feeds(view, out);
	print_page_table(view, out);
	print_page_resolvers(view, out);
	fleet_page_summary(view, out);
	print_page_outputs(view, out);
	print_hours(view, out);
	print_page_changes(view, out);
	fprintf(out,
		"<p class=\"dim\">As it was at %s. Weir %s. <a href=\"/metrics\">Metrics</a>, "
		"<a href=\"/status.json\">JSON</a></p>\n",
		timestamp_text(view->report.now, now), weir_release);
	html_end(out);
}

/* ---- other pages ---- */

void page_print_runbook(FILE *out)
{
	html_begin(out, "Weir: runbook", "");
	fputs("<h1>Runbook</h1>\n<p>What each word in capitals means, and the next command. Weir's documents have "
	      "more, in <code>docs/runbook.md</code>.</p>\n",
		out);
	for (enum condition c = CONDITION_WELL + 1; c < CONDITION_COUNT; c++) {
		const struct condition_row *row = condition_row(c);
		fprintf(out, "<h2 id=\"%s\">%s</h2>\n<p>", row->key, row->word);
		html_text(out, row->meaning);
		fprintf(out, " (%s). Next: <code>", impact_text(row->impact));
		html_text(out, row->next);
		fputs("</code></p>\n", out);
	}
	html_end(out);
}

void page_print_message(FILE *out, const char *title, const char *message)
{
	html_begin(out, "Weir", "");
	fputs("<h1 class=\"bad\">", out);
	html_text(out, title);
	fputs("</h1>\n<p>", out);
	html_text(out, message);
	fputs("</p>\n", out);
	html_end(out);
}
