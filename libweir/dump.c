/* SPDX-License-Identifier: BSD-3-Clause */
#include "libweir/dump.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "libweir/errors.h"
#include "libweir/memory_text.h"

/* Joins the names that `nth` gives for `count` sources, each name once, in the order of their numbers. */
static char *join_names(const struct source *sources, size_t count, uint32_t limit, uint16_t (*number)(struct source),
	const char *(*name)(const struct policy *, uint32_t), const struct policy *policy)
{
	char *text = NULL;
	size_t length;
	FILE *out = open_memstream(&text, &length);
	if (!out)
		return NULL;
	bool any = false;
	for (uint32_t n = 0; n < limit; n++) {
		bool used = false;
		for (size_t i = 0; i < count && !used; i++)
			used = number(sources[i]) == n;
		if (used)
			fprintf(out, any ? ",%s" : "%s", name(policy, n));
		any |= used;
	}
	if (!any)
		fputc('-', out);
	if (!memory_text_close(out, &text)) {
		free(text);
		return NULL;
	}
	return text;
}

static uint16_t feed_number(struct source source)
{
	return source.feed;
}

static uint16_t category_number(struct source source)
{
	return source.category;
}

static const char *feed_name(const struct policy *policy, uint32_t feed)
{
	return policy->feeds[feed].name;
}

static const char *category_name(const struct policy *policy, uint32_t category)
{
	return policy->categories[category].name;
}

char *feeds_text(const struct policy *policy, const struct source *sources, size_t count)
{
	return join_names(sources, count, policy->feed_count, feed_number, feed_name, policy);
}

const char *decision_text(const struct verdict *verdict, enum action action)
{
	if (verdict->decision == DECISION_ALLOW)
		return "allow";
	return action == ACTION_ALLOW ? "pass" : action == ACTION_LOG ? "log" : "block";
}

char *categories_text(const struct policy *policy, const struct source *sources, size_t count)
{
	return join_names(sources, count, policy->category_count, category_number, category_name, policy);
}

/* All lines of the dump, to be sorted. A line's end is the same for every rule of one verdict, so it is made once. */
struct dump {
	const struct table *table;
	char **ending; /* by verdict * 3 + kind; NULL = no such rule */
	struct dump_line {
		char *name;
		const char *ending;
		enum scope scope;
	} * line;
	size_t count, room;
	struct why *why;
};

static char *ending_of(const struct policy *policy, const struct verdict *verdict, enum rule_kind kind)
{
	struct source *sources = calloc(verdict->own_count + 1u, sizeof *sources);
	size_t count = 0;
	for (unsigned i = 0; sources && i < verdict->own_count; i++)
		if (verdict->own[i].kind == kind)
			sources[count++] = verdict->own[i].source;
	char *feeds = sources ? feeds_text(policy, sources, count) : NULL;
	char *categories = sources ? categories_text(policy, sources, count) : NULL;
	char *ending = NULL;
	if (!feeds || !categories ||
		asprintf(&ending, "%s\t%s", feeds, kind == RULE_EXCEPT ? "except" : categories) < 0)
		ending = NULL;
	free(sources);
	free(feeds);
	free(categories);
	return ending;
}

static bool has_kind(const struct verdict *verdict, enum rule_kind kind)
{
	for (unsigned i = 0; i < verdict->own_count; i++)
		if (verdict->own[i].kind == kind)
			return true;
	return false;
}

static int make_endings(struct dump *d)
{
	const struct policy *policy = table_policy(d->table);
	d->ending = calloc((size_t)policy->verdict_count * 3, sizeof *d->ending);
	if (!d->ending)
		return -ENOMEM;
	for (uint32_t v = 1; v < policy->verdict_count; v++) {
		for (enum rule_kind kind = RULE_BLOCK; kind <= RULE_EXCEPT; kind++) {
			if (!has_kind(&policy->verdicts[v], kind))
				continue;
			d->ending[v * 3 + kind] = ending_of(policy, &policy->verdicts[v], kind);
			if (!d->ending[v * 3 + kind])
				return -ENOMEM;
		}
	}
	return 0;
}

static int add_line(struct dump *d, const struct table_rule *rule, enum scope scope, const char *ending)
{
	if (d->count == d->room) {
		size_t room = d->room ? d->room * 2 : 1024;
		struct dump_line *grown = realloc(d->line, room * sizeof *grown);
		if (!grown)
			return -ENOMEM;
		d->line = grown;
		d->room = room;
	}
	char *name = strdup(rule->text);
	if (!name)
		return -ENOMEM;
	d->line[d->count++] = (struct dump_line){name, ending, scope};
	return 0;
}

static int add_rule(void *context, const struct table_rule *rule)
{
	struct dump *d = context;
	struct class class = table_policy(d->table)->classes[rule->class];
	int status = 0;
	for (unsigned kind = 0; status == 0 && kind < 3; kind++) {
		if (d->ending[class.exact * 3 + kind])
			status = add_line(d, rule, SCOPE_EXACT, d->ending[class.exact * 3 + kind]);
		if (status == 0 && d->ending[class.subtree * 3 + kind])
			status = add_line(d, rule, SCOPE_SUBTREE, d->ending[class.subtree * 3 + kind]);
	}
	return status;
}

/* The order of the lines' octets. */
static int compare_lines(const void *a, const void *b)
{
	const struct dump_line *x = a, *y = b;
	int order = (int)x->scope - (int)y->scope;
	if (order == 0)
		order = strcmp(x->name, y->name);
	return order ? order : strcmp(x->ending, y->ending);
}

int table_dump(const struct table *table, FILE *out, struct why *why)
{
	struct dump d = {.table = table, .why = why};
	int status = make_endings(&d);
	if (status == 0)
		status = table_each(table, add_rule, &d, why);
	if (status == 0 && d.count > 1)
		qsort(d.line, d.count, sizeof *d.line, compare_lines);
	for (size_t i = 0; status == 0 && i < d.count; i++)
		if (fprintf(out, "%s\t%s\t%s\n", scope_text(d.line[i].scope), d.line[i].name, d.line[i].ending) < 0)
			status = why_set(why, -EIO, "cannot write");
	if (status == 0 && fflush(out) != 0)
		status = why_set(why, -EIO, "cannot write");
	if (status == -ENOMEM)
		why_set(why, status, "out of memory");
	for (size_t i = 0; i < d.count; i++)
		free(d.line[i].name);
	free(d.line);
	for (size_t i = 0; d.ending && i < (size_t)table_policy(table)->verdict_count * 3; i++)
		free(d.ending[i]);
	free(d.ending);
	return status;
}
