/* SPDX-License-Identifier: BSD-3-Clause */
/* `feedsync history`: reads only, so it needs no lock. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "feedsync/base/json.h"
#include "feedsync/base/log.h"
#include "feedsync/base/number.h"
#include "feedsync/base/timestamp.h"
#include "feedsync/base/units.h"
#include "feedsync/commands/commands.h"
#include "feedsync/publish/history.h"
#include "libweir/errors.h"

enum { DEFAULT_COUNT = 10 };

struct request {
	struct history *history;
	bool json;
	uint64_t generation; /* the one asked for, 0 = the last ones */
	uint64_t count;
	/* the answer so far */
	/* JSON: the whole, its lists, and those of the publish at hand */
	struct node *root, *publishes, *bypasses, *overrides, *feeds, *changes;
	uint64_t newer; /* the publish told before */
	uint64_t shown; /* changes */
	bool behind;    /* what follows the publishes */
	int status;
	struct why why;
};

static const char *kind_text(enum rule_kind kind)
{
	static const char *const texts[] = {"block", "allow", "except"};
	return texts[kind];
}

/* ---- words ---- */

static void print_feed_change(void *context, const struct history_feed *f)
{
	const struct request *r = context;
	if (!r->generation && f->added == 0 && f->removed == 0)
		return;
	printf("  feed %s:%s%s", f->name, f->result[0] ? " " : "", f->result);
	if (f->result[0] && strcmp(f->result, "gone") != 0)
		printf(", %llu entries, %llu rejected", (unsigned long long)f->entries,
			(unsigned long long)f->rejected);
	printf("%s +%llu -%llu\n", f->result[0] ? "," : "", (unsigned long long)f->added,
		(unsigned long long)f->removed);
}

static void print_rule_change(void *context, uint64_t generation, uint64_t time, const struct table_change *c)
{
	struct request *r = context;
	(void)generation, (void)time;
	r->shown++;
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

/* What was allowed or blocked by command stands under its publish; behind the publishes, what had none. */
static void print_override(void *context, const struct history_override *o)
{
	const struct request *r = context;
	char time[TIMESTAMP_ROOM], until[TIMESTAMP_ROOM];
	if (r->behind)
		printf("%s, %s, by %s, in no generation of its own:\n", o->change, timestamp_text(o->time, time),
			o->user);
	printf("  %s %s%s", o->change, o->name, o->scope == SCOPE_SUBTREE ? " and everything below" : "");
	if (o->expires_at)
		printf(", until %s", timestamp_text(o->expires_at, until));
	if (strncmp(o->change, "un", 2) == 0)
		printf(", which %s had given", o->author);
	printf(": %s\n", o->reason);
}

static void print_publish(void *context, const struct history_publish *p)
{
	struct request *r = context;
	char time[TIMESTAMP_ROOM], size[UNITS_TEXT], fetch[UNITS_TEXT], compile[UNITS_TEXT], publish[UNITS_TEXT];
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
	printf(", %s, sum %016llx", size_text(p->octets, size), (unsigned long long)p->sum);
	if (p->entries > 0)
		printf("; fetch %s, compile %s, publish %s", milliseconds_text(p->fetch_ms, fetch),
			milliseconds_text(p->compile_ms, compile), milliseconds_text(p->publish_ms, publish));
	putchar('\n');
	if (r->status == 0)
		r->status = history_overrides(r->history, p->generation, r->count, print_override, r, &r->why);
	if (r->status == 0)
		r->status = history_feeds(r->history, p->generation, print_feed_change, r, &r->why);
	if (r->status == 0 && r->generation)
		r->status = history_changes(r->history, p->generation, NULL, print_rule_change, r, &r->why);
	if (r->generation && p->counted && r->shown < p->added + p->removed)
		printf("of %llu changes %llu are kept\n", (unsigned long long)(p->added + p->removed),
			(unsigned long long)r->shown);
}

/* Bypasses come behind the publishes, for whoever asks why nothing was blocked. */
static void print_bypass_event(void *context, const struct history_bypass *b)
{
	char time[TIMESTAMP_ROOM], until[TIMESTAMP_ROOM];
	(void)context;
	if (b->until)
		printf("bypass, %s, on until %s by %s: %s\n", timestamp_text(b->time, time),
			timestamp_text(b->until, until), b->user, b->reason);
	else
		printf("bypass, %s, off by %s\n", timestamp_text(b->time, time), b->user);
}

/* ---- JSON ---- */

static void add_feed_json(void *context, const struct history_feed *f)
{
	struct request *r = context;
	struct node *node = node_object();
	node_put(node, "name", node_from_text(f->name));
	node_put(node, "result", node_from_text(f->result));
	node_put(node, "entries", node_from_number(f->entries));
	node_put(node, "rejected", node_from_number(f->rejected));
	node_put(node, "added", node_from_number(f->added));
	node_put(node, "removed", node_from_number(f->removed));
	node_put(node, "error_class", node_from_text(f->error_class));
	node_append(r->feeds, node);
}

static void add_change_json(void *context, uint64_t generation, uint64_t time, const struct table_change *c)
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

static void add_override_json(void *context, const struct history_override *o)
{
	struct request *r = context;
	struct node *node = node_object();
	node_put(node, "time", node_from_number(o->time));
	node_put(node, "user", node_from_text(o->user));
	node_put(node, "change", node_from_text(o->change));
	node_put(node, "name", node_from_text(o->name));
	node_put(node, "scope", node_from_text(scope_text(o->scope)));
	node_put(node, "expires_at", node_from_number(o->expires_at));
	node_put(node, "reason", node_from_text(o->reason));
	node_put(node, "author", node_from_text(o->author));
	node_append(r->overrides, node);
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

static void add_publish_json(void *context, const struct history_publish *p)
{
	struct request *r = context;
	struct node *node = publish_json(p);
	r->feeds = node_array();
	if (r->status == 0)
		r->status = history_feeds(r->history, p->generation, add_feed_json, r, &r->why);
	node_put(node, "feeds", r->feeds);
	r->overrides = node_array();
	if (r->status == 0)
		r->status = history_overrides(r->history, p->generation, r->count, add_override_json, r, &r->why);
	node_put(node, "overrides", r->overrides);
	if (r->generation) {
		r->changes = node_array();
		if (r->status == 0)
			r->status = history_changes(r->history, p->generation, NULL, add_change_json, r, &r->why);
		node_put(node, "changes", r->changes);
	}
	node_append(r->publishes, node);
}

static void add_bypass_json(void *context, const struct history_bypass *b)
{
	struct request *r = context;
	struct node *node = node_object();
	node_put(node, "time", node_from_number(b->time));
	node_put(node, "on", node_from_bool(b->until > 0));
	if (b->until > 0)
		node_put(node, "until", node_from_number(b->until));
	node_put(node, "user", node_from_text(b->user));
	if (b->until > 0)
		node_put(node, "reason", node_from_text(b->reason));
	node_append(r->bypasses, node);
}

static void begin_json(struct request *r)
{
	r->root = json_answer();
	r->publishes = node_array();
	node_put(r->root, "publishes", r->publishes);
	if (r->generation)
		return;
	r->bypasses = node_array();
	node_put(r->root, "bypasses", r->bypasses);
}

/* Prints what is not of a publish. */
static int print_behind(struct request *r)
{
	r->behind = true;
	if (r->json) {
		r->overrides = node_array();
		node_put(r->root, "overrides", r->overrides);
	}
	int status =
		history_overrides(r->history, 0, r->count, r->json ? add_override_json : print_override, r, &r->why);
	return status != 0 ? status
			   : history_bypasses(
				     r->history, r->count, r->json ? add_bypass_json : print_bypass_event, r, &r->why);
}

/* ---- the command ---- */

/* Judges the arguments, and reads them into a request. */
static int read_history_arguments(struct request *r, const struct invocation *invocation)
{
	const char *count = option_value(invocation, "-n");
	r->json = option_given(invocation, "--json");
	r->count = count ? number_positive(count) : DEFAULT_COUNT;
	if (r->count == 0)
		return usage_error(invocation->command, "\"%.40s\" is not a number of publishes", count);
	if (invocation->argument_count == 0)
		return 0;
	const char *generation = invocation->arguments[0];
	r->generation = number_positive(generation);
	if (count || r->generation == 0)
		return usage_error(invocation->command,
			count ? "-n and GENERATION exclude each other" : "\"%.40s\" is not a generation", generation);
	return 0;
}

static int print_publishes(struct request *r)
{
	int status = history_publishes(r->history, r->generation ? r->generation : UINT64_MAX,
		r->generation ? 1 : r->count, r->json ? add_publish_json : print_publish, r, &r->why);
	if (status == 0 && r->status == 0 && !r->generation)
		status = print_behind(r);
	return status != 0 ? status : r->status;
}

static int check_history_arguments(const struct invocation *invocation)
{
	struct request r = {0};
	return read_history_arguments(&r, invocation);
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

static int cmd_history(struct invocation *invocation)
{
	struct request r = {0};
	int status = read_history_arguments(&r, invocation);
	if (status != 0)
		return status;
	begin_json(&r);
	status = history_open(&r.history, invocation->config->state, false, &r.why);
	if (status == 0)
		status = check_generation(&r);
	if (status == 0)
		status = print_publishes(&r);
	if (status == 0 && r.json)
		json_show(r.root);
	if (status != 0)
		log_error("%s", r.why.text);
	node_free(r.root);
	history_close(&r.history);
	return status == 0 ? EXIT_WELL : EXIT_TROUBLE;
}

const struct command command_history = {
	.word = "history",
	.usage = "[--json] [-n N | GENERATION]",
	.summary = "list what was published, or what one publish changed",
	.text = "The newest publish comes first: when it was, who asked for it, which feeds changed it, and what it "
		"cost. With\n"
		"GENERATION: each rule that began (+) or ceased (-) to hold with it, and the feed that it is of. The "
		"last bypasses\n"
		"follow, unless GENERATION is given.\n",
	.max_arguments = 1,
	.configuration = CONFIGURATION_IN_USE,
	.as_owner = true,
	.options = {{"--json", NULL, NULL, "print JSON: \"publishes\" and \"bypasses\""},
		{"-n", "N", NULL, "the last N publishes and bypasses (default 10)"}},
	.exits = {{EXIT_WELL, "it was printed"},
		{EXIT_TROUBLE, "there is no such generation, or the history cannot be read"}},
	.check = check_history_arguments,
	.run = cmd_history,
};
