/* SPDX-License-Identifier: BSD-3-Clause */
/* Tells what a change of the overrides has done, in words or as JSON. */
#include <stdio.h>

#include "feedsync/base/json.h"
#include "feedsync/base/log.h"
#include "feedsync/base/timestamp.h"
#include "feedsync/commands/override_private.h"
#include "feedsync/commands/sources.h"
#include "libweir/dump.h"
#include "libweir/table.h"

/* What a table decides for the name. */
struct decided {
	const struct table *table;     /* NULL: there is none */
	const struct verdict *verdict; /* NULL: no rule covers it */
};

static struct decided decided_by(const struct change *c, const struct table *table)
{
	struct match match;
	bool covered = table && table_lookup(table, c->item.wire, c->item.length, &match);
	return (struct decided){table, covered ? &table_policy(table)->verdicts[match.verdict] : NULL};
}

/* ---- words ---- */

static void print_decided(const struct change *c, const char *when, const struct table *table)
{
	const struct decided d = decided_by(c, table);
	char list[512];
	if (!d.verdict || d.verdict->decision == DECISION_PASS)
		printf("%s nothing blocks %s\n", when, c->name);
	else if (d.verdict->decision == DECISION_ALLOW)
		printf("%s an allow rule lets %s pass\n", when, c->name);
	else
		printf("%s %s is blocked by %s\n", when, c->name,
			sources_text(table_policy(table), d.verdict, list, sizeof list));
}

static void print_change(const struct change *c)
{
	char until[TIMESTAMP_ROOM];
	const char *word = c->item.kind == RULE_ALLOW ? "allowed" : "blocked";
	if (c->gives)
		printf("%s%s: %s %s%s, by %s: %s\n", c->name,
			c->item.scope == SCOPE_SUBTREE ? " and everything below" : "", word,
			c->item.expires_at ? "until " : "for good",
			c->item.expires_at ? timestamp_text(c->item.expires_at, until) : "", c->author, c->item.reason);
	else
		printf("%s: no longer %s by command\n", c->name, word);
}

/* Tells where it is in force. */
static void print_where(const struct change *c)
{
	printf("generation %llu", (unsigned long long)c->generation);
	if (!c->config->run)
		puts(": published, for resolvers elsewhere (`run: none`)");
	else if (c->follow.told == 0)
		printf(": published, but NO RESOLVER that reads this table shows itself in %s\n", c->config->run);
	else
		printf(": in force in %u of %u resolvers\n", c->follow.follow, c->follow.told);
}

static void print_all(const struct change *c, const struct table *now)
{
	print_change(c);
	if (!c->amended)
		return;
	if (c->gives)
		print_decided(c, "before:", c->publication.base);
	print_where(c);
	if (!c->gives)
		print_decided(c, "now:", now);
	fflush(stdout);
}

/* ---- JSON ---- */

static struct node *decided_json(const struct change *c, const struct table *table)
{
	const struct decided d = decided_by(c, table);
	struct node *node = table ? node_object() : NULL;
	if (!table)
		return node_from_text(NULL);
	enum action action =
		d.verdict ? verdict_effect(d.verdict, table_policy(table), GROUP_DEFAULT, false).action : ACTION_ALLOW;
	node_put(node, "decision", node_from_text(d.verdict ? decision_text(d.verdict, action) : "pass"));
	node_put(node, "sources", sources_json(table_policy(table), d.verdict));
	return node;
}

static void show_change_json(const struct change *c, const struct table *now, const char *error)
{
	struct node *root = json_answer();
	node_put(root, "change", node_from_text(c->command));
	node_put(root, "name", node_from_text(c->name));
	node_put(root, "done", node_from_bool(error[0] == '\0'));
	node_put(root, "error", node_from_text(error));
	if (error[0] == '\0') {
		node_put(root, "scope", node_from_text(scope_text(c->item.scope)));
		node_put(root, "reason", node_from_text(c->item.reason));
		node_put(root, "author", node_from_text(c->item.author));
		node_put(root, "expires_at", node_from_number(c->item.expires_at));
		node_put(root, "before", decided_json(c, c->publication.base));
		node_put(root, "after", decided_json(c, now));
		node_put(root, "generation", node_from_number(c->generation));
		node_put(root, "published", node_from_bool(c->amended && c->amendment.changed));
		node_put(root, "complete", node_from_bool(change_is_whole(c)));
		node_put(root, "resolvers", node_from_number(c->follow.told));
		node_put(root, "in_force", node_from_number(c->follow.follow));
	}
	json_show(root);
	node_free(root);
}

/* ---- both ---- */

void change_tell(const struct change *c)
{
	struct table *now = NULL;
	struct why why;
	if (c->amended && (c->json || !c->gives) && table_open(&now, c->config->table, &why) != 0)
		log_warning("%s: %s", c->config->table, why.text);
	if (c->json)
		show_change_json(c, now, "");
	else
		print_all(c, now);
	table_close(&now);
}

void change_tell_failure(const struct change *c, const char *not_done, const struct why *why)
{
	log_error("%s: %s", not_done, why->text);
	if (c->json)
		show_change_json(c, NULL, why->text);
}
