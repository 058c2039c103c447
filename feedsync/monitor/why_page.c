/* SPDX-License-Identifier: BSD-3-Clause */
#include "feedsync/monitor/why_page.h"

#include <string.h>

#include "feedsync/base/html_text.h"
#include "feedsync/entries/normalise.h"
#include "feedsync/monitor/html.h"
#include "libweir/dump.h"
#include "libweir/errors.h"

/* A source of a rule; a feed that may not be named is not. */
static void print_why_source(
	FILE *out, const struct policy *policy, const struct snapshot *snapshot, struct source source)
{
	const char *feed = policy->feeds[source.feed].name;
	fputs("<li>feed ", out);
	if (snapshot_shows(snapshot, feed))
		html_text(out, feed);
	else
		fputs("<em>not named here</em>", out);
	fputs(", category ", out);
	html_text(out, policy->categories[source.category].name);
	fputs("</li>\n", out);
}

static void print_why_sources(
	FILE *out, const struct policy *policy, const struct snapshot *snapshot, const struct verdict *verdict)
{
	fputs("<ul>\n", out);
	if (verdict->decision == DECISION_BLOCK)
		for (unsigned i = 0; i < verdict->effective_count; i++)
			print_why_source(out, policy, snapshot, verdict->effective[i]);
	else
		for (unsigned i = 0; i < verdict->own_count; i++)
			if (verdict->own[i].kind != RULE_BLOCK)
				print_why_source(out, policy, snapshot, verdict->own[i].source);
	fputs("</ul>\n", out);
}

static void print_why_verdict(FILE *out, const struct table *table, const struct snapshot *snapshot, const char *text,
	const uint8_t *wire, size_t length)
{
	struct match match;
	unsigned long long generation = table_header(table)->generation;
	bool covered = table_lookup(table, wire, length, &match);
	/* A rule could cover it all the same, so this is no fault; but "pass" would tell nothing of what was meant. */
	if (!covered && strpbrk(text, "/:@")) {
		fputs("<h1>", out);
		html_text(out, text);
		fputs("</h1>\n<p>No host has such a name. Ask for the name alone, without what stands before and "
		      "behind "
		      "it.</p>\n",
			out);
		return;
	}
	if (!covered) {
		fputs("<h1>", out);
		html_text(out, text);
		fprintf(out, ": pass</h1>\n<p>No rule of generation %llu covers it.</p>\n", generation);
		return;
	}
	const struct policy *policy = table_policy(table);
	const struct verdict *verdict = &policy->verdicts[match.verdict];
	enum action action = verdict_effect(verdict, policy, GROUP_DEFAULT, false).action;
	char rule[NAME_MAX_TEXT];
	name_to_text(wire + match.rule_offset, length - match.rule_offset, rule);
	fputs("<h1>", out);
	html_text(out, text);
	fprintf(out, ": %s", decision_text(verdict, action));
	if (action > ACTION_LOG)
		fprintf(out, " (%s)", action_text(action));
	fputs("</h1>\n<p>By the rule for ", out);
	html_text(out, rule);
	fprintf(out, "%s, generation %llu:</p>\n", match.scope == SCOPE_SUBTREE ? " and everything below" : "",
		generation);
	print_why_sources(out, policy, snapshot, verdict);
	fputs("<p>More: <code>feedsync why ", out);
	html_text(out, text);
	fputs("</code></p>\n", out);
}

void why_page_print(const struct table *table, const struct snapshot *snapshot, const char *name, FILE *out)
{
	name_storage wire;
	char text[NAME_MAX_TEXT];
	int length = normalise_question(name, strlen(name), wire);
	html_begin(out, "Weir: why", name);
	if (length < 0) {
		fputs("<h1>", out);
		html_text(out, name[0] ? name : "No name was asked for");
		fputs("</h1>\n<p>", out);
		html_text(out, name[0] ? error_text(length) : "Write one into the field above.");
		fputs("</p>\n", out);
	} else if (!table) {
		fputs("<h1 class=\"bad\">No table can be read</h1>\n<p>Next: <code>feedsync status</code></p>\n", out);
	} else {
		name_lower(wire, wire, (size_t)length);
		name_to_text(wire, (size_t)length, text);
		print_why_verdict(out, table, snapshot, text, wire, (size_t)length);
	}
	html_end(out);
}
