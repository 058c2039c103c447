/* SPDX-License-Identifier: BSD-3-Clause */
#include "feedsync/monitor/fleet_page.h"

#include "feedsync/base/html_text.h"
#include "feedsync/base/timestamp.h"
#include "feedsync/base/units.h"
#include "feedsync/monitor/html.h"

enum { PAGE_RESOLVERS = 500, PAGE_GENERATIONS = 20 };

static void print_fleet_verdict(const struct view *view, FILE *out, const char *tag)
{
	char verdict[VERDICT_TEXT];
	fleet_verdict(&view->fleet, verdict);
	fprintf(out, "<%s class=\"%s\">", tag, fleet_is_well(&view->fleet) ? "good" : "bad");
	html_text(out, verdict);
	fprintf(out, "</%s>\n", tag);
}

static void print_when(const struct view *view, FILE *out, uint64_t then)
{
	char text[UNITS_TEXT];
	fputs(ago_text(view->report.now, then, text), out);
}

static void print_share_row(FILE *out, const struct fleet_channel *channel, const struct fleet_share *share)
{
	fprintf(out,
		"<tr><th scope=\"row\">%u</th><td class=\"number\" data-label=\"Resolvers\">%zu</td>"
		"<td class=\"number\" data-label=\"Share\">%.1f %%</td></tr>\n",
		(unsigned)share->generation, share->count, 100.0 * (double)share->count / (double)channel->count);
}

static void print_channel_heading(const struct view *view, FILE *out, const struct fleet_channel *channel)
{
	fputs("<h2>", out);
	html_text(out, channel->name ? "Channel " : "Published table");
	html_text(out, channel->name ? channel->name : "");
	fprintf(out, "</h2>\n<p>%zu resolver%s.", channel->count, channel->count == 1 ? "" : "s");
	if (channel->condition != CONDITION_WELL)
		fprintf(out, " <a class=\"bad\" href=\"/runbook#%s\">%s</a>.", condition_row(channel->condition)->key,
			condition_row(channel->condition)->word);
	if (channel->since > 0) {
		fprintf(out, " The newest is generation %llu, since ", (unsigned long long)channel->generation);
		print_when(view, out, channel->since);
		fputs(".", out);
	}
	fputs("</p>\n", out);
}

static void print_channel_shares(FILE *out, const struct fleet_channel *channel)
{
	size_t shown = channel->share_count < PAGE_GENERATIONS ? channel->share_count : PAGE_GENERATIONS;
	if (shown == 0)
		return;
	fputs("<table class=\"wide\"><thead><tr><th scope=\"col\">Generation</th><th scope=\"col\" "
	      "class=\"number\">Resolvers</th><th scope=\"col\" class=\"number\">Share</th></tr></thead><tbody>\n",
		out);
	for (size_t i = 0; i < shown; i++)
		print_share_row(out, channel, &channel->shares[i]);
	fputs("</tbody></table>\n", out);
	if (channel->share_count > shown)
		fprintf(out, "<p class=\"dim\">And %zu older generations.</p>\n", channel->share_count - shown);
}

static void print_resolver_row(const struct view *view, FILE *out, size_t number)
{
	const struct fleet_report *fleet = &view->fleet;
	const struct fleet_resolver *resolver = &view->report.config->fleet.resolvers[number];
	char detail[FLEET_DETAIL_TEXT];
	fputs("<tr><th scope=\"row\">", out);
	html_text(out, resolver->name);
	fputs("</th><td data-label=\"Site\">", out);
	html_text(out, resolver->site ? resolver->site : "-");
	fputs("</td><td data-label=\"Channel\">", out);
	html_text(out, resolver->channel ? resolver->channel : "-");
	fprintf(out, "</td><td data-label=\"State\"><span class=\"bad\">%s</span></td><td data-label=\"Detail\">",
		watch_state_row(fleet->state[number])->word);
	html_text(out, fleet_detail(fleet, number, detail));
	fputs("</td></tr>\n", out);
}

static void print_unwell(const struct view *view, FILE *out)
{
	const struct fleet_report *fleet = &view->fleet;
	size_t shown = fleet->unwell < PAGE_RESOLVERS ? fleet->unwell : PAGE_RESOLVERS;
	if (fleet->unwell == 0)
		return;
	fputs("<h2>Not well</h2>\n<table class=\"wide\"><thead><tr><th scope=\"col\">Resolver</th><th "
	      "scope=\"col\">Site</th><th scope=\"col\">Channel</th><th scope=\"col\">State</th><th "
	      "scope=\"col\">Detail</th></tr></thead><tbody>\n",
		out);
	for (size_t i = 0; i < shown; i++)
		print_resolver_row(view, out, fleet->order[i]);
	fputs("</tbody></table>\n", out);
	if (fleet->unwell > shown)
		fprintf(out, "<p class=\"dim\">And %zu more: <code>feedsync fleet --json</code></p>\n",
			fleet->unwell - shown);
}

void fleet_page_print(const struct view *view, FILE *out)
{
	const struct fleet_report *fleet = &view->fleet;
	char now[TIMESTAMP_ROOM];
	html_begin(out, "Weir: fleet", "");
	if (!view->has_fleet) {
		fputs("<h1>Fleet</h1>\n<p>No resolver elsewhere is watched: <code>fleet</code> of the configuration "
		      "names none.</p>\n",
			out);
		html_end(out);
		return;
	}
	print_fleet_verdict(view, out, "h1");
	for (size_t i = 0; i < fleet->channel_count; i++) {
		print_channel_heading(view, out, &fleet->channels[i]);
		print_channel_shares(out, &fleet->channels[i]);
	}
	print_unwell(view, out);
	fprintf(out, "<p class=\"dim\">As it was at %s. <code>feedsync fleet</code> asks the resolvers now.</p>\n",
		timestamp_text(view->report.now, now));
	html_end(out);
}

void fleet_page_summary(const struct view *view, FILE *out)
{
	if (!view->has_fleet)
		return;
	fputs("<h2><a href=\"/fleet\">Fleet</a></h2>\n", out);
	print_fleet_verdict(view, out, "p");
}
