/* SPDX-License-Identifier: BSD-3-Clause */
/* `feedsync trends`: what was hit in a day or a week. It reads only. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "feedsync/base/clean.h"
#include "feedsync/base/json.h"
#include "feedsync/base/log.h"
#include "feedsync/base/wall_clock.h"
#include "feedsync/commands/commands.h"
#include "feedsync/guard/guard.h"
#include "feedsync/sync/last_run.h"
#include "feedsync/trends/trends_html.h"
#include "feedsync/trends/trends_print.h"
#include "libweir/errors.h"
#include "libweir/memory_text.h"

/* Reads a period from an option. Returns 0, or usage_error. */
static int read_period(const struct invocation *invocation, const char *option, int week, struct period *period)
{
	const char *text = option_value(invocation, option);
	if (text && (!period_read(text, period) || (week >= 0 && period_is_week(*period) != week)))
		return usage_error(invocation->command, "\"%.40s\" is not %s", text,
			week > 0    ? "a week, as 2026-W48 is one"
			: week == 0 ? "a day, as 2026-11-28 is one"
				    : "a day or a week, as 2026-11-28 and 2026-W48 are");
	return 0;
}

/* Without a period: yesterday. */
static int read_question_of_trends(const struct invocation *invocation, struct trends_question *q)
{
	q->period.first = q->period.last = shown_last_day(wall_now());
	if (option_given(invocation, "--day") && option_given(invocation, "--week"))
		return usage_error(invocation->command, "--day and --week exclude each other");
	int status = read_period(invocation, "--day", 0, &q->period);
	if (status == 0)
		status = read_period(invocation, "--week", 1, &q->period);
	q->against = period_before(q->period);
	return status == 0 ? read_period(invocation, "--against", -1, &q->against) : status;
}

static int check_trends_arguments(const struct invocation *invocation)
{
	struct trends_question q = {0};
	int forms = option_given(invocation, "--json") + option_given(invocation, "--csv") +
		    option_given(invocation, "--html");
	if (forms > 1)
		return usage_error(invocation->command, "--json, --csv and --html exclude each other");
	if (option_given(invocation, "--all") && (forms > 0 || !isatty(STDOUT_FILENO)))
		return usage_error(
			invocation->command, "--all shows what few clients asked for: in words and on a terminal only");
	return read_question_of_trends(invocation, &q);
}

/* What is given to others is of days that are over: of a day that is not, two answers would differ by what few asked for
 * between them. */
static int check_period_is_over(const struct trends_question *q)
{
	uint64_t last = shown_last_day(wall_now());
	char text[PERIOD_TEXT];
	if (q->min_clients == 0 || (q->period.last <= last && q->against.last <= last))
		return 0;
	log_error("%s is not over; only `feedsync trends --all` shows what was hit so far",
		period_text(q->period.last <= last ? q->against : q->period, text));
	return -1;
}

/* Its lines end in CR LF, and its texts are clean. */
static void print_csv(const struct trends_report *report)
{
	char *text = NULL;
	size_t length;
	FILE *out = open_memstream(&text, &length);
	if (out) {
		trends_print_csv(report, out);
		if (memory_text_close(out, &text))
			clean_stdout_pass(text);
		else
			log_error("out of memory");
	}
	free(text);
}

static void print_form(const struct invocation *invocation, const struct trends_report *report)
{
	if (option_given(invocation, "--json")) {
		struct node *root = trends_json(report);
		json_show(root);
		node_free(root);
	} else if (option_given(invocation, "--csv")) {
		print_csv(report);
	} else if (option_given(invocation, "--html")) {
		trends_print_html(report, NULL, stdout);
	} else {
		trends_print_words(report, stdout);
	}
}

/* Says why there is nothing to read, and what to do about it. */
static void say_nothing_counted(const struct trends_question *q, const struct why *why)
{
	if (!q->config->trends.wanted)
		log_error("nothing is kept of what is hit: %s has no `trends`; write \"trends: {rules: yes}\", see "
			  "feedsync.yaml(5)",
			q->config->path);
	else
		log_error("nothing was counted yet: %s; `feedsync run` counts what resolvers with the module block",
			why->text);
}

static int print_trends(const struct invocation *invocation, const struct trends_question *q)
{
	struct trends_report *report;
	struct why why;
	int status = trends_report_new(&report, q, &why);
	if (status == -ENOENT) {
		say_nothing_counted(q, &why);
		return EXIT_TROUBLE;
	}
	if (status != 0) {
		log_error("%s", why.text);
		return EXIT_TROUBLE;
	}
	bool known = report->now.days > 0;
	print_form(invocation, report);
	trends_report_free(&report);
	return known ? EXIT_WELL : EXIT_ATTENTION;
}

static int cmd_trends(struct invocation *invocation)
{
	const struct config *config = invocation->config;
	struct guard *guard = NULL;
	struct why why;
	struct trends_question q = {.state = config->state, .table = config->table, .config = config};
	last_run_begin_clock(config);
	q.min_clients = option_given(invocation, "--all") ? 0 : config->trends.min_clients;
	if (read_question_of_trends(invocation, &q) != 0 || check_period_is_over(&q) != 0)
		return EXIT_TROUBLE;
	if (guard_new(&guard, &config->guard, GUARD_ASKS, &why) != 0)
		log_warning("%s", why.text);
	q.guard = guard;
	int code = print_trends(invocation, &q);
	guard_free(&guard);
	return code;
}

const struct command command_trends = {
	.word = "trends",
	.usage = "[--json|--csv|--html] [--day DAY | --week WEEK] [--against PERIOD] [--all]",
	.summary = "show what was hit: most, new, rising, by category and feed",
	.text = "Shows what was blocked or logged in a day or a week (UTC), against the period before; without one, of "
		"yesterday.\n"
		"A rule that fewer clients hit than `trends: min-clients` says is not named, and numbers are rounded: "
		"so it may be\n"
		"given to others. A day that is not over is shown with --all only.\n",
	.configuration = CONFIGURATION_IN_USE,
	.as_owner = true,
	.options = {{"--json", NULL, NULL, "print JSON, with all rules that may be named"},
		{"--csv", NULL, NULL, "print the same as CSV"}, {"--html", NULL, NULL, "print a page, with its charts"},
		{"--day", "DAY", NULL, "of this day: 2026-11-28"},
		{"--week", "WEEK", NULL, "of this ISO week: 2026-W48"},
		{"--against", "PERIOD", NULL, "compare with this day or week"},
		{"--all", NULL, NULL, "all rules and exact numbers, whoever asked for them; on a terminal only"}},
	.exits = {{EXIT_WELL, "it was printed"}, {EXIT_ATTENTION, "nothing is known of the period"},
		{EXIT_TROUBLE, "it cannot be told"}},
	.check = check_trends_arguments,
	.run = cmd_trends,
};
