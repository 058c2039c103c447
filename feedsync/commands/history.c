/* SPDX-License-Identifier: BSD-3-Clause */
#include "feedsync/commands/history.h"

#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "feedsync/base/json.h"
#include "feedsync/base/log.h"
#include "feedsync/base/number.h"
#include "feedsync/base/timestamp.h"
#include "feedsync/base/xalloc.h"
#include "feedsync/publish/history.h"
#include "libweir/errors.h"

enum { EXIT_TROUBLE = 2, DEFAULT_COUNT = 10 };

struct request {
	struct history *history;
	bool json;
	uint64_t generation; /* the one asked for, 0 = the last ones */
	uint64_t count;
	/* the answer so far */
	struct node *list; /* of publishes, for JSON */
	struct node *feeds, *changes;
	uint64_t newer; /* the publish told before */
	uint64_t kept;  /* changes */
	int status;
	struct why why;
};

static const char *kind_text(enum rule_kind kind)
{
	static const char *const texts[] = {"block", "allow", "except"};
	return texts[kind];
}

/* ---- words ---- */

static void print_feed(void *context, const struct history_feed *f)
{
	const struct request *r = context;
	if (!r->generation && f->added == 0 && f->removed == 0)
		return;
	printf("  feed %s:%s%s", f->name, f->result[0] ? " " : "", f->result);
	if (f->result[0] && strcmp(f->result, "gone") != 0)
		printf(", %llu entries, %llu not used", (unsigned long long)f->entries,
			(unsigned long long)f->rejected);
	printf("%s +%llu -%llu\n", f->result[0] ? "," : "", (unsigned long long)f->added,
		(unsigned long long)f->removed);
}

static void print_change(void *context, uint64_t generation, uint64_t time, const struct table_change *c)
{
	struct request *r = context;
	(void)generation, (void)time;
	r->kept++;
	printf("%c\t%s\t%s\t%s\t%s\t%s\n", c->added ? '+' : '-', kind_text(c->kind), scope_text(c->scope), c->name,
		c->feed, c->category);
}

static void print_cause(const struct history_publish *p)
{
	if (strcmp(p->cause, "unknown") == 0)
		printf("published, but not logged then; what changed is not known");
	else if (p->content_of)
		printf("rollback to %llu by %s", (unsigned long long)p->content_of, p->user);
	else
		printf("%s by %s", p->cause, p->user);
}

static void print_publish(void *context, const struct history_publish *p)
{
	struct request *r = context;
	char time[TIMESTAMP_ROOM];
	if (r->newer > p->generation + 1)
		printf("(%llu to %llu are not in the history)\n", (unsigned long long)p->generation + 1,
			(unsigned long long)r->newer - 1);
	r->newer = p->generation;
	printf("generation %llu, %s, ", (unsigned long long)p->generation, timestamp_text(p->time, time));
	print_cause(p);
	if (p->counted)
		printf(": +%llu -%llu%s", (unsigned long long)p->added, (unsigned long long)p->removed,
			p->policy_changed ? ", policy changed" : "");
	printf("\n  %llu rules", (unsigned long long)p->rules);
	if (p->entries > 0)
		printf(" from %llu entries", (unsigned long long)p->entries);
	printf(", %llu octets, sum %016llx", (unsigned long long)p->octets, (unsigned long long)p->sum);
	if (p->entries > 0)
		printf("; fetch %llu ms, compile %llu ms, publish %llu ms", (unsigned long long)p->fetch_ms,
			(unsigned long long)p->compile_ms, (unsigned long long)p->publish_ms);
	putchar('\n');
	if (r->status == 0)
		r->status = history_feeds(r->history, p->generation, print_feed, r, &r->why);
	if (r->status == 0 && r->generation)
		r->status = history_changes(r->history, p->generation, NULL, print_change, r, &r->why);
	if (r->generation && p->counted && r->kept < p->added + p->removed)
		printf("of %llu changes %llu are kept\n", (unsigned long long)(p->added + p->removed),
			(unsigned long long)r->kept);
}

/* ---- JSON ---- */

static void add_feed(void *context, const struct history_feed *f)
{
	struct request *r = context;
	struct node *node = node_object();
	node_put(node, "name", node_from_text(f->name));
	node_put(node, "result", node_from_text(f->result));
	node_put(node, "entries", node_from_number(f->entries));
	node_put(node, "rejected", node_from_number(f->rejected));
	node_put(node, "added", node_from_number(f->added));
	node_put(node, "removed", node_from_number(f->removed));
	node_append(r->feeds, node);
}

static void add_change(void *context, uint64_t generation, uint64_t time, const struct table_change *c)
{
	struct request *r = context;
	struct node *node = node_object();
	(void)generation, (void)time;
	node_put(node, "change", node_from_text(c->added ? "added" : "removed"));
	node_put(node, "kind", node_from_text(kind_text(c->kind)));
	node_put(node, "scope", node_from_text(scope_text(c->scope)));
	node_put(node, "name", node_from_text(c->name));
	node_put(node, "feed", node_from_text(c->feed));
	node_put(node, "category", node_from_text(c->category));
	node_append(r->changes, node);
}

static struct node *publish_json(const struct history_publish *p)
{
	char sum[20];
	struct node *node = node_object();
	snprintf(sum, sizeof sum, "%016llx", (unsigned long long)p->sum);
	node_put(node, "generation", node_from_number(p->generation));
	node_put(node, "time", node_from_number(p->time));
	node_put(node, "cause", node_from_text(p->cause));
	node_put(node, "user", node_from_text(p->user));
	if (p->content_of)
		node_put(node, "content_of", node_from_number(p->content_of));
	node_put(node, "rules", node_from_number(p->rules));
	node_put(node, "entries", node_from_number(p->entries));
	node_put(node, "octets", node_from_number(p->octets));
	node_put(node, "sum", node_from_text(sum));
	node_put(node, "fetch_ms", node_from_number(p->fetch_ms));
	node_put(node, "compile_ms", node_from_number(p->compile_ms));
	node_put(node, "publish_ms", node_from_number(p->publish_ms));
	if (p->counted) {
		node_put(node, "policy_changed", node_from_bool(p->policy_changed));
		node_put(node, "added", node_from_number(p->added));
		node_put(node, "removed", node_from_number(p->removed));
	}
	return node;
}

static void add_publish(void *context, const struct history_publish *p)
{
	struct request *r = context;
	struct node *node = publish_json(p);
	r->feeds = node_array();
	if (r->status == 0)
		r->status = history_feeds(r->history, p->generation, add_feed, r, &r->why);
	node_put(node, "feeds", r->feeds);
	if (r->generation) {
		r->changes = node_array();
		if (r->status == 0)
			r->status = history_changes(r->history, p->generation, NULL, add_change, r, &r->why);
		node_put(node, "changes", r->changes);
	}
	node_append(r->list, node);
}

/* ---- the command ---- */

static int usage(void)
{
	log_error("usage: feedsync history [--json] [-n N | GENERATION]");
	return -1;
}

static int read_arguments(struct request *r, int argc, char **argv)
{
	static const struct option options[] = {{"json", no_argument, NULL, 'j'}, {0}};
	bool counted = false;
	r->count = DEFAULT_COUNT;
	for (int option; (option = getopt_long(argc, argv, "n:", options, NULL)) != -1;) {
		if (option == 'j')
			r->json = true;
		else if (option != 'n' || (r->count = number_positive(optarg)) == 0)
			return usage();
		counted |= option == 'n';
	}
	bool named = argc - optind == 1;
	if (named)
		r->generation = number_positive(argv[optind]);
	if (argc - optind > 1 || (named && (counted || r->generation == 0)))
		return usage();
	return 0;
}

static int show(struct request *r)
{
	int status = history_publishes(r->history, r->generation ? r->generation : UINT64_MAX,
		r->generation ? 1 : r->count, r->json ? add_publish : print_publish, r, &r->why);
	return status != 0 ? status : r->status;
}

/* Whether the generation that was asked for is there. */
static int check_generation(struct request *r)
{
	int there = r->generation ? history_has(r->history, r->generation, &r->why) : 1;
	if (there == 0)
		return why_set(
			&r->why, -ENOENT, "generation %llu is not in the history", (unsigned long long)r->generation);
	return there < 0 ? there : 0;
}

int history_command(const struct config *config, int argc, char **argv)
{
	struct request r = {0};
	if (read_arguments(&r, argc, argv) != 0)
		return EXIT_TROUBLE;
	r.list = node_array();
	int status = history_open(&r.history, config->state, false, &r.why);
	if (status == 0)
		status = check_generation(&r);
	if (status == 0)
		status = show(&r);
	if (status == 0 && r.json)
		json_show(r.list);
	if (status != 0)
		log_error("%s", r.why.text);
	node_free(r.list);
	history_close(&r.history);
	return status == 0 ? 0 : EXIT_TROUBLE;
}
