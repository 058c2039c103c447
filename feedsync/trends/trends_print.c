/* SPDX-License-Identifier: BSD-3-Clause */
#include "feedsync/trends/trends_print.h"

#include <stdlib.h>
#include <string.h>

#include "feedsync/base/xalloc.h"

const struct suspicion_row suspicion_rows[] = {
	{SUSPECT_CLIENTS, "clients", "a fifth of all clients for whom something was blocked"},
	{SUSPECT_HITS, "hits", "a hundred times the hits of other rules of its feed"},
	{SUSPECT_GUARDED, "guarded", "a name that is guarded for others, or below one"},
	{0, NULL, NULL},
};

static const char *const list_titles[REPORT_LISTS] = {
	[LIST_HITS] = "Most hits",
	[LIST_CLIENTS] = "Most clients",
	[LIST_NEW] = "New",
	[LIST_RISING] = "Rising",
	[LIST_SUSPECTS] = "Perhaps a mistake",
};

const char *report_list_title(enum report_list list)
{
	return list_titles[list];
}

static bool belongs_to(enum report_list list, const struct report_rule *rule)
{
	return list == LIST_NEW        ? rule->new
	       : list == LIST_RISING   ? rule->rising
	       : list == LIST_SUSPECTS ? rule->suspicion != 0
				       : true;
}

static int by_clients(const void *a, const void *b)
{
	const struct report_rule *x = *(const struct report_rule *const *)a, *y = *(const struct report_rule *const *)b;
	if (x->low != y->low)
		return x->low < y->low ? 1 : -1;
	return (x > y) - (x < y); /* the report's order */
}

static int by_score(const void *a, const void *b)
{
	const struct report_rule *x = *(const struct report_rule *const *)a, *y = *(const struct report_rule *const *)b;
	if (x->score != y->score)
		return x->score < y->score ? 1 : -1;
	return (x > y) - (x < y);
}

const struct report_rule **report_list(
	const struct trends_report *report, enum report_list list, size_t most, size_t *count)
{
	const struct report_rule **rules = xcalloc(report->rule_count, sizeof(struct report_rule *));
	*count = 0;
	for (size_t i = 0; i < report->rule_count; i++)
		if (belongs_to(list, &report->rules[i]))
			rules[(*count)++] = &report->rules[i];
	if (list == LIST_CLIENTS || list == LIST_RISING)
		qsort(rules, *count, sizeof(struct report_rule *), list == LIST_RISING ? by_score : by_clients);
	if (*count > most)
		*count = most;
	return rules;
}

const char *change_text(uint64_t before, uint64_t now, char text[CHANGE_TEXT])
{
	double percent;
	if (change_percent(before, now, &percent))
		snprintf(text, CHANGE_TEXT, percent == 0 ? "%.0f %%" : "%+.6g %%", percent);
	else
		text[0] = '\0';
	return text;
}

struct feeds_line {
	char *text;
	const char *between;
	size_t used;
};

static void add_feed(void *context, const char *feed)
{
	struct feeds_line *line = context;
	size_t room = FEEDS_TEXT - line->used;
	int length = snprintf(line->text + line->used, room, "%s%s", line->used > 0 ? line->between : "", feed);
	if (length > 0 && (size_t)length < room)
		line->used += (size_t)length;
	else
		line->text[line->used] = '\0'; /* what does not fit is left out */
}

const char *report_feeds_text(
	const struct trends_report *report, const struct report_rule *rule, const char *between, char text[FEEDS_TEXT])
{
	struct feeds_line line = {.text = text, .between = between};
	text[0] = '\0';
	report_each_feed(report, rule, add_feed, &line);
	return text;
}

const char *clients_text(const struct report_rule *rule, char text[CLIENTS_TEXT])
{
	if (rule->high > rule->low * 1.1)
		snprintf(text, CLIENTS_TEXT, "%.0f to %.0f", rule->low, rule->high);
	else
		snprintf(text, CLIENTS_TEXT, "%.0f", rule->low);
	return text;
}
