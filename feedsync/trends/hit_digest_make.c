/* SPDX-License-Identifier: BSD-3-Clause */
/* Making the digest of an hour. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "feedsync/base/json.h"
#include "feedsync/trends/hit_digest.h"
#include "feedsync/trends/hit_digest_store.h"
#include "feedsync/trends/shown_day.h"
#include "libweir/errors.h"

struct making_digest {
	struct trends *trends;
	uint64_t hour;
	unsigned min_clients;
	FILE *rows;
	uint64_t hits; /* of the rules that are told */
	struct trends_traffic traffic;
	bool failed;
};

static void write_node(struct making_digest *m, FILE *out, struct node *node)
{
	char *line = json_print_line(node);
	m->failed |= !line || fputs(line, out) < 0;
	free(line);
	node_free(node);
}

static void append_words(struct node *list, const char *const *words, size_t count)
{
	for (size_t i = 0; i < count; i++)
		node_append(list, node_from_text(words[i]));
}

static void make_rule_row(void *context, const struct trends_rule *rule)
{
	struct making_digest *m = context;
	uint32_t hits = rule->hours[m->hour % HOURS_OF_DAY];
	if (hits == 0 || rule->action == ACTION_ALLOW || !shown_enough(rule->low, m->min_clients))
		return;
	double told = hit_digest_told(m->trends, rule);
	const char *const words[] = {
		"rule", rule->name, scope_text(rule->scope), rule->category, action_text(rule->action), rule->group};
	struct node *list = node_array();
	append_words(list, words, sizeof words / sizeof *words);
	node_append(list, node_from_number(hits));
	node_append(list, node_from_real(rule->low));
	node_append(list, node_from_real(rule->high > told ? rule->high - told : 0));
	m->hits += hits;
	write_node(m, m->rows, list);
}

static void make_feed_row(void *context, const struct trends_feed_hits *feed)
{
	const char *const words[] = {"feed", feed->feed, feed->category, action_text(feed->action)};
	struct node *list = node_array();
	append_words(list, words, sizeof words / sizeof *words);
	node_append(list, node_from_number(feed->hits));
	write_node(context, ((struct making_digest *)context)->rows, list);
}

static void make_group_row(void *context, const struct trends_group_hits *group)
{
	const char *const words[] = {"group", group->group, action_text(group->action)};
	struct node *list = node_array();
	append_words(list, words, sizeof words / sizeof *words);
	node_append(list, node_from_number(group->hits));
	write_node(context, ((struct making_digest *)context)->rows, list);
}

static void take_traffic(void *context, const struct trends_traffic *traffic)
{
	((struct making_digest *)context)->traffic = *traffic;
}

static int make_rows(struct making_digest *m, struct why *why)
{
	const uint64_t hour = m->hour, day = hour / HOURS_OF_DAY;
	int status = trends_traffics(m->trends, hour, hour, take_traffic, m, why);
	if (status == 0)
		status = trends_rules(m->trends, day, day, 0, make_rule_row, m, why);
	if (status == 0)
		status = trends_feeds(m->trends, hour, hour, make_feed_row, m, why);
	return status == 0 ? trends_groups(m->trends, hour, hour, make_group_row, m, why) : status;
}

static void write_head(struct making_digest *m, FILE *out, const char *resolver)
{
	const struct trends_traffic *t = &m->traffic;
	char when[HIT_DIGEST_HOUR_TEXT];
	struct node *head = node_object();
	node_put(head, "format", node_from_number(HIT_DIGEST_FORMAT));
	node_put(head, "resolver", node_from_text(resolver));
	node_put(head, "hour", node_from_text(hit_digest_hour(m->hour, when)));
	node_put(head, "blocked", node_from_number(t->blocked));
	node_put(head, "logged", node_from_number(t->logged));
	node_put(head, "opted_out", node_from_number(t->opted_out));
	node_put(head, "unattributed", node_from_number(t->blocked + t->logged - m->hits));
	node_put(head, "lost_minutes", node_from_number(t->lost_minutes));
	node_put(head, "queries", t->queries_known ? node_from_number(t->queries) : node_from_text(NULL));
	write_node(m, out, head);
}

/* The head stands first, and is known last. */
static int join_head(
	struct making_digest *m, const char *rows, size_t length, const char *resolver, char **text, size_t *whole)
{
	FILE *out = open_memstream(text, whole);
	if (!out)
		return -ENOMEM;
	write_head(m, out, resolver);
	m->failed |= fwrite(rows, 1, length, out) != length;
	m->failed |= fclose(out) != 0;
	if (!m->failed)
		return 0;
	free(*text);
	*text = NULL;
	return -ENOMEM;
}

int hit_digest_make(char **text, size_t *length, struct trends *trends, const char *resolver, uint64_t hour,
	unsigned min_clients, struct why *why)
{
	struct making_digest m = {
		.trends = trends, .hour = hour, .min_clients = min_clients, .traffic = {.hour = hour}};
	char *rows = NULL;
	size_t rows_length;
	*text = NULL;
	m.rows = open_memstream(&rows, &rows_length);
	int status = m.rows ? make_rows(&m, why) : why_set(why, -ENOMEM, "out of memory");
	m.failed |= !m.rows || fclose(m.rows) != 0;
	if (status == 0 && m.hits > m.traffic.blocked + m.traffic.logged)
		status =
			why_set(why, -EBADMSG, "the store is damaged: more hits of rules than were blocked and logged");
	if (status == 0 && (m.failed || join_head(&m, rows, rows_length, resolver, text, length) != 0))
		status = why_set(why, -ENOMEM, "out of memory");
	free(rows);
	return status;
}
