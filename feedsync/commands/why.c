/* SPDX-License-Identifier: BSD-3-Clause */
/* `feedsync why NAME`: what is decided for a name, and all that is known of the reasons. It parses the last good
 * versions of the feeds again, so nothing can be out of date. It reads only and needs no lock. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "feedsync/base/clean.h"
#include "feedsync/base/json.h"
#include "feedsync/base/log.h"
#include "feedsync/base/xalloc.h"
#include "feedsync/commands/commands.h"
#include "feedsync/commands/why_private.h"
#include "feedsync/entries/normalise.h"
#include "feedsync/feeds/feed_walk.h"
#include "feedsync/guard/guard.h"
#include "feedsync/sync/last_run.h"
#include "libweir/dump.h"
#include "libweir/errors.h"

enum { MAX_SHOWN = 20 /* entries of a feed */ };

/* ---- what is decided ---- */

static const char *below_text(enum scope scope)
{
	return scope == SCOPE_SUBTREE ? " and everything below" : scope == SCOPE_BELOW ? ", what is below" : "";
}

static enum action decided_action(const struct why_query *q)
{
	return q->verdict ? verdict_effect(q->verdict, table_policy(q->table), GROUP_DEFAULT, false).action
			  : ACTION_ALLOW;
}

const char *contact_of_answer(const struct why_query *q, enum action action, char text[MAILBOX_MAX_TEXT])
{
	const struct policy *policy = q->table ? table_policy(q->table) : NULL;
	bool negative = action == ACTION_NXDOMAIN || action == ACTION_NODATA || action == ACTION_SINKHOLE;
	return negative && policy && policy->contact ? mailbox_text(policy->contact, policy->contact_length, text)
						     : NULL;
}

/* Returns whether the name is blocked. */
static bool print_decision(const struct why_query *q)
{
	char rule[NAME_MAX_TEXT], contact[MAILBOX_MAX_TEXT];
	if (!q->table) {
		printf("%s: nothing is published\n", q->text);
		return false;
	}
	unsigned long long generation = table_header(q->table)->generation;
	if (!q->verdict) {
		printf("%s: pass, no rule of generation %llu covers it\n", q->text, generation);
		return false;
	}
	enum action action = decided_action(q);
	name_to_text(q->wire + q->match.rule_offset, q->length - q->match.rule_offset, rule);
	printf("%s: %s", q->text, decision_text(q->verdict, action));
	if (action > ACTION_LOG)
		printf(" (%s)", action_text(action));
	printf(", by the rule for %s%s, generation %llu\n", rule, below_text(q->match.scope), generation);
	if (contact_of_answer(q, action, contact))
		printf("  the SOA record of the answer has the contact %s\n", contact);
	return action > ACTION_LOG;
}

/* The number of the feed at hand in the published table, which may be from another configuration. A number beyond the
 * last one means that the table does not have the feed. */
static uint32_t feed_in_table(const struct why_query *q)
{
	return policy_find_feed(table_policy(q->table), q->feed->config->name);
}

/* Whether a rule of the feed at hand blocks the name. */
static bool in_force(const struct why_query *q)
{
	uint32_t feed = q->verdict ? feed_in_table(q) : 0;
	for (unsigned i = 0; q->verdict && i < q->verdict->effective_count; i++)
		if (q->verdict->effective[i].feed == feed)
			return true;
	return false;
}

/* Whether the deepest rule over the name has a rule of this kind from the feed at hand. */
static bool has_own_rule(const struct why_query *q, const struct verdict *verdict, enum rule_kind kind)
{
	uint32_t feed = feed_in_table(q);
	for (unsigned i = 0; i < verdict->own_count; i++)
		if (verdict->own[i].source.feed == feed && verdict->own[i].kind == kind)
			return true;
	return false;
}

/* Whether the table has a rule of the feed at hand in this place. */
static bool stands_in_table(const struct why_query *q, const struct rule *rule, enum rule_kind kind)
{
	bool own = false;
	const struct verdict *verdict =
		q->table ? table_verdict(q->table, rule->wire, rule->length, rule->scope, &own) : NULL;
	return own && has_own_rule(q, verdict, kind);
}

static void print_obstacle(const struct why_query *q)
{
	char held[256];
	if (q->verdict && q->verdict->decision == DECISION_ALLOW) {
		printf("  not in force: an allow rule lets the name pass\n");
	} else if (q->verdict && has_own_rule(q, q->verdict, RULE_EXCEPT)) {
		printf("  not in force: the feed's own exception frees the name\n");
	} else if (q->hold.held) {
		hold_text(&q->hold, held);
		printf("  not in force: the published table is held%s\n", held);
	} else {
		printf("  not in force: the published table is older, or an exception of the feed frees the name\n");
	}
}

/* ---- what the feeds say ---- */

static void print_marking(const struct sink *sink)
{
	const struct marking marking = markings_strictest(sink->markings);
	if (marking.tlp != TLP_NONE)
		printf(", TLP %s", tlp_text(marking.tlp));
	if (marking.pap != PAP_NONE)
		printf(", PAP %s", pap_text(marking.pap));
}

static void print_entry_position(const struct why_query *q)
{
	const struct position *position = q->sink.position;
	char detail[DETAIL_ROOM];
	printf("  at %s", position->document);
	if (position->line > 0)
		printf(":%llu", (unsigned long long)position->line);
	if (position->detail && !q->sink.misp)
		printf(", %s", position_detail(position, detail));
	if (!q->sink.misp)
		print_marking(&q->sink); /* MISP's words follow */
	putchar('\n');
	if (q->sink.misp)
		explain_misp(q->sink.misp);
}

bool covers_question(const struct why_query *q, const uint8_t *wire, size_t length, bool *above)
{
	*above = length < q->length;
	if (length > q->length || memcmp(q->wire + q->length - length, wire, length) != 0)
		return false;
	for (unsigned i = 0; i < q->labels.count; i++)
		if (q->labels.offset[i] == q->length - length)
			return true;
	return false;
}

static int print_entry(void *context, const struct rule *rule)
{
	struct why_query *q = context;
	bool above, allows = q->feed->config->allows;
	if (guard_rejects(q->guard, &q->feed->config->unguarded, &q->sink, rule))
		return SINK_REJECTED;
	if (!covers_question(q, rule->wire, rule->length, &above) ||
		rule->scope == (above ? SCOPE_EXACT : SCOPE_BELOW) || q->shown++ >= MAX_SHOWN)
		return 0;
	struct rule placed = *rule;
	placed.scope = rule->scope == SCOPE_EXACT ? SCOPE_EXACT : SCOPE_SUBTREE; /* as it stands in a table */
	char name[NAME_MAX_TEXT];
	const struct category_policy *category = &q->config->categories[q->sink.category];
	enum rule_kind kind = compile_kind(allows, rule->kind);
	if (q->entries) {
		why_json_entry(q, rule, kind,
			kind == RULE_BLOCK && q->table ? in_force(q) : stands_in_table(q, &placed, kind));
		return 0;
	}
	name_to_text(rule->wire, rule->length, name);
	printf("feed %s %s %s%s", q->feed->config->name,
		kind == RULE_EXCEPT   ? "excepts from its own list"
		: kind == RULE_CANCEL ? "takes back"
		: allows              ? "lets pass"
				      : "lists",
		name, below_text(rule->scope));
	if (kind == RULE_BLOCK || kind == RULE_ALLOW)
		printf(", category %s (%s)", category->name, action_text(category->action));
	putchar('\n');
	print_entry_position(q);
	if (kind != RULE_CANCEL)
		explain_seen(q, name, placed.scope, stands_in_table(q, &placed, kind));
	if (kind == RULE_BLOCK && q->table && !in_force(q))
		print_obstacle(q);
	return 0;
}

static void print_rejected(void *context, enum reject reject, const char *text, size_t length)
{
	struct why_query *q = context;
	if (!text_mentions(q, text, length) || q->shown++ >= MAX_SHOWN)
		return;
	char entry[MAX_SAMPLE_TEXT + 1];
	snprintf(entry, sizeof entry, "%.*s", (int)(length < MAX_LINE ? length : MAX_LINE), text);
	clean(entry, sizeof entry);
	if (q->rejected) {
		why_json_rejected(q, entry, reject);
		return;
	}
	printf("feed %s does not use \"%s\": %s\n", q->feed->config->name, entry, reject_text(reject));
	print_entry_position(q);
}

/* A feed that cannot be read may still have the rules that were published. */
static void print_retained(const struct why_query *q)
{
	if (q->verdict && (in_force(q) || has_own_rule(q, q->verdict, RULE_ALLOW)))
		printf("  in force: what is published of it stays until it can be read\n");
}

/* A feed whose last good version is held back by an alarm of the table has the rules that it had. */
static void print_withheld(const struct why_query *q)
{
	if (q->feed->record.withheld[0])
		printf("feed %s: an older version than the following is in force: %s\n", q->feed->config->name,
			q->feed->record.withheld);
}

/* Returns whether its last good version could be read. */
static bool explain_feed(struct why_query *q, struct feed_walk *walk, size_t next, const struct guard *guard)
{
	struct why why;
	if (!q->entries)
		print_withheld(q);
	q->shown = 0;
	q->guard = feed_guard(q->feed, guard);
	q->sink = (struct sink){.take = print_entry, .refuse = print_rejected, .context = q};
	int status = feed_walk_parse(walk, next, &q->sink, &why);
	if (q->shown > MAX_SHOWN && !q->entries)
		printf("feed %s: %u more entries\n", q->feed->config->name, q->shown - MAX_SHOWN);
	if (status != 0 && q->entries) {
		log_error("feed %s: its last good version cannot be read: %s", q->feed->config->name, why.text);
	} else if (status != 0) {
		printf("feed %s: its last good version cannot be read: %s\n", q->feed->config->name, why.text);
		print_retained(q);
	}
	return status == 0;
}

/* Returns whether all of it could be told. */
static bool explain_feeds(struct why_query *q, struct guard *guard)
{
	struct feed_walk walk;
	struct why why;
	int status = feed_walk_begin(&walk, q->config, guard, &why);
	for (size_t i = 0; i < walk.feed_count; i++) {
		q->feed = &walk.feeds[i];
		if (!feed_has_good(q->feed) && !q->entries) {
			printf("feed %s: no version of it has come yet; `feedsync status` says why\n",
				q->feed->config->name);
			print_retained(q);
		}
	}
	if (status != 0)
		log_error("%s", why.text);
	bool all = status == 0;
	for (size_t next = 0; (q->feed = feed_walk_next(&walk, &next));)
		all &= explain_feed(q, &walk, next, guard);
	feed_walk_end(&walk);
	return all;
}

/* ---- the question ---- */

/* Returns 0, or a negative code with the reason. */
static int read_question(struct why_query *q, const char *text, struct why *why)
{
	if (strstr(text, "://"))
		return why_set(why, -EINVAL, "%.150s is a URL, not a name: ask for the name of its host", text);
	int length = normalise_question(text, strlen(text), q->wire);
	int status = length < 0 ? length : name_split(q->wire, (size_t)length, &q->labels);
	if (status != 0)
		return why_set(why, status, "%.150s: %s", text, error_text(status));
	q->length = (size_t)length;
	name_lower(q->wire, q->wire, q->length);
	name_to_text(q->wire, q->length, q->text);
	return 0;
}

static void look_up(struct why_query *q)
{
	struct why why;
	if (table_open(&q->table, q->config->table, &why) != 0)
		log_error("%s: %s", q->config->table, why.text);
	else if (table_lookup(q->table, q->wire, q->length, &q->match))
		q->verdict = &table_policy(q->table)->verdicts[q->match.verdict];
	hold_read(&q->hold, q->config->state);
}

/* ---- the command ---- */

static int answer_from_tree(struct why_query *q, struct guard *guard, bool json, bool record)
{
	struct why no_history;
	q->entries = node_array();
	q->rejected = node_array();
	if (history_open(&q->history, q->config->state, false, &no_history) != 0)
		history_close(&q->history);
	bool all = explain_feeds(q, guard), blocked = decided_action(q) > ACTION_LOG;
	struct node *root = why_json(q, decided_action(q), record ? RECORD_DAYS : WHY_DAYS);
	if (record)
		why_record_add(root);
	if (json)
		json_show(root);
	else
		why_record_print(root);
	node_free(root);
	return !all || !q->table ? EXIT_TROUBLE : blocked ? EXIT_ATTENTION : EXIT_WELL;
}

static void explain_hits(const struct why_query *q)
{
	struct node *hits = why_hits(q, WHY_DAYS);
	print_hits_of_name(hits, WHY_DAYS);
	node_free(hits);
}

static int answer_question(struct why_query *q, struct guard *guard, bool json, bool record)
{
	look_up(q);
	if (json || record)
		return answer_from_tree(q, guard, json, record);
	bool blocked = print_decision(q);
	explain_bypass(q);
	explain_operator(q);
	explain_open_log(q);
	bool all = explain_feeds(q, guard);
	explain_hits(q);
	explain_changes(q);
	explain_shared(q);
	if (blocked)
		explain_next_command(q);
	return !all || !q->table ? EXIT_TROUBLE : blocked ? EXIT_ATTENTION : EXIT_WELL;
}

static int check_why_arguments(const struct invocation *invocation)
{
	struct why_query q;
	struct why why;
	return read_question(&q, invocation->arguments[0], &why) == 0
		       ? 0
		       : usage_error(invocation->command, "%s", why.text);
}

static int cmd_why(struct invocation *invocation)
{
	struct why_query *q = xcalloc(1, sizeof *q);
	struct guard *guard = NULL;
	struct why why;
	int code = EXIT_TROUBLE;
	q->config = invocation->config;
	last_run_begin_clock(q->config);
	int status = read_question(q, invocation->arguments[0], &why);
	if (status == 0)
		status = guard_new(&guard, &q->config->guard, GUARD_ASKS, &why);
	if (status == 0)
		code = answer_question(
			q, guard, option_given(invocation, "--json"), option_given(invocation, "--record"));
	else
		log_error("%s", why.text);
	guard_free(&guard);
	history_close(&q->history);
	table_close(&q->table);
	free(q);
	return code;
}

const struct command command_why = {
	.word = "why",
	.usage = "[--json] [--record] NAME",
	.summary = "tell what is decided for a name, who lists it, and since when",
	.text = "Prints what the published table decides; each entry of a feed that lists the name, or a name above it "
		"together\n"
		"with what is below; what keeps an entry from being in force; each entry that was rejected, and why; "
		"and what the\n"
		"history knows of the name. The last good versions of all feeds are read again for it. With `trends` "
		"in "
		"the\n"
		"configuration also on which days it was hit, where enough clients asked for it.\n",
	.min_arguments = 1,
	.max_arguments = 1,
	.options = {{"--json", NULL, NULL, "print JSON; without the changes in the history"},
		{"--record", NULL, NULL,
			"print the record that justifies it: rule, sources and their marking, since when, by whom, "
			"hits by day"}},
	.configuration = CONFIGURATION_IN_USE,
	.as_owner = true,
	.exits = {{EXIT_WELL, "the name is not blocked"}, {EXIT_ATTENTION, "the name is blocked"},
		{EXIT_TROUBLE, "it cannot be told: a feed cannot be read, or nothing is published"}},
	.check = check_why_arguments,
	.run = cmd_why,
};
