/* SPDX-License-Identifier: BSD-3-Clause */
#include "feedsync/commands/override.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "feedsync/base/caller.h"
#include "feedsync/base/log.h"
#include "feedsync/base/timestamp.h"
#include "feedsync/base/wall_clock.h"
#include "feedsync/config/option_values.h"
#include "feedsync/control/control_ask.h"
#include "feedsync/entries/normalise.h"
#include "feedsync/entries/self_test.h"
#include "feedsync/guard/last_good.h"
#include "feedsync/publish/amend.h"
#include "feedsync/publish/hold.h"
#include "feedsync/publish/local_resolvers.h"
#include "feedsync/publish/state_dir.h"
#include "feedsync/sync/last_run.h"
#include "libweir/table.h"

/* One change under way. */
struct change {
	const struct config *config;
	const char *command; /* its word: the cause that the history tells */
	bool gives;
	struct operator_item item; /* that is given; of one that is taken back: name and kind */
	char name[NAME_MAX_TEXT], author[MAX_OVERRIDE_TEXT + 1];
	struct overrides overrides;
	struct publication publication;
	struct amendment amendment;
	bool amended; /* the table is published; else the next sync publishes */
};

/* ---- the command line ---- */

/* Reads the name into the item. Returns 0, or usage_error. */
static int read_override_name(const struct invocation *invocation, struct operator_item *item)
{
	const char *text = invocation->arguments[0];
	enum reject reject;
	if (strstr(text, "://"))
		return usage_error(invocation->command, "%.150s is a URL, not a name: give the name of its host", text);
	int length = normalise(text, strlen(text), item->wire, &reject);
	if (length <= 0)
		return usage_error(invocation->command, "%.150s: %s", text, reject_text(reject));
	item->length = (uint8_t)length;
	item->scope = option_given(invocation, "--exact") ? SCOPE_EXACT : SCOPE_SUBTREE;
	if (self_test_reached(&(struct rule){item->wire, item->length, item->scope, RULE_BLOCK}))
		return usage_error(invocation->command,
			"this would reach " SELF_TEST_NAME ", which every table blocks for everybody");
	return 0;
}

int override_check_taken(const struct invocation *invocation)
{
	struct operator_item item;
	return read_override_name(invocation, &item);
}

/* Reads all that is given. The item borrows the texts of the command line. */
static int read_given(const struct invocation *invocation, struct operator_item *item)
{
	const struct command *command = invocation->command;
	const char *reason = option_value(invocation, "--reason"), *until = option_value(invocation, "--until");
	*item = (struct operator_item){.reason = reason, .author = "", .expires = ""};
	int code = read_override_name(invocation, item);
	if (code != 0)
		return code;
	if (!reason || reason[strspn(reason, " \t")] == '\0')
		return usage_error(command, "--reason TEXT is missing: whoever comes next must know why");
	if (strlen(reason) > MAX_OVERRIDE_TEXT)
		return usage_error(command, "--reason: more than %d octets", MAX_OVERRIDE_TEXT);
	if (until && !moment_read(until, &item->expires_at))
		return usage_error(command, "--until %.60s: %s, such as 2026-12-24 or 2026-12-24T08:00Z", until,
			moment_fault(until));
	return 0;
}

int override_check_given(const struct invocation *invocation)
{
	struct operator_item item;
	return read_given(invocation, &item);
}

/* ---- what speaks against it ---- */

static const char *told_scope(enum scope scope)
{
	return scope == SCOPE_SUBTREE ? " and everything below" : "";
}

/* Whether nothing guards the name: what no feed may block nobody blocks by a slip of the hand. */
static int check_guard(const struct change *c, struct why *why)
{
	struct guard *guard;
	struct refusal refusal;
	const struct rule rule = {c->item.wire, c->item.length, c->item.scope, RULE_BLOCK};
	int status = guard_new(&guard, &c->config->guard, GUARD_ASKS, why);
	if (status != 0)
		return status;
	if (guard_refuses_own(guard, &rule))
		status = why_set(why, -EPERM, "%s%s: a name of the guard's list `own`, which nobody can block", c->name,
			told_scope(c->item.scope));
	else if (guard_refuses(guard, NULL, &rule, &refusal))
		status = why_set(why, -EPERM, "%.120s: %s. If you mean it, name it under `block:` in %.60s",
			refusal.text, reject_text(refusal.reject), c->config->path);
	else if (guard_gap(guard))
		log_warning("guard: %s; look twice at what you block", guard_gap(guard)->why.text);
	guard_free(&guard);
	return status;
}

/* The item of the configuration's own lists that this change is about, or NULL. */
static const struct operator_item *written_item(const struct change *c)
{
	const struct operator_lists *lists = &c->config->operator_lists;
	for (size_t i = 0; i < lists->count; i++) {
		const struct operator_item *item = &lists->item[i];
		if (item->kind == c->item.kind && item->length == c->item.length &&
			memcmp(item->wire, c->item.wire, item->length) == 0)
			return item;
	}
	return NULL;
}

/* Makes the change in the list of overrides. */
static int change_overrides(struct change *c, struct why *why)
{
	struct overrides *o = &c->overrides;
	if (c->gives) {
		int status = overrides_set(o, &c->item, wall_now());
		return status == 0 ? 0
				   : why_set(why, status, "there are %d overrides already; take one back first",
					     MAX_OVERRIDES);
	}
	size_t found = overrides_find(o, c->item.wire, c->item.length);
	const char *list = c->item.kind == RULE_ALLOW ? "allow" : "block";
	if (found < o->lists.count && o->lists.item[found].kind == c->item.kind) {
		overrides_remove(o, found);
		return 0;
	}
	if (written_item(c))
		return why_set(
			why, -ENOENT, "`%s:` in %.90s has %.80s: take it out there", list, c->config->path, c->name);
	return why_set(why, -ENOENT, "no `feedsync %s` of %.120s is in force; `feedsync check` lists those that are",
		list, c->name);
}

/* What a table decides for the name; NULL = nothing. */
static const struct verdict *decided(const struct change *c, const struct table *table)
{
	struct match match;
	if (!table || !table_lookup(table, c->item.wire, c->item.length, &match))
		return NULL;
	return &table_policy(table)->verdicts[match.verdict];
}

/* A block that an allow rule makes void is no block. */
static int check_effect(const struct change *c, struct why *why)
{
	struct table *table;
	if (!c->gives || c->item.kind != RULE_BLOCK)
		return 0;
	int status = amend_open(&c->amendment, &table, why);
	if (status != 0)
		return status;
	const struct verdict *verdict = decided(c, table);
	bool passes = verdict && verdict->decision == DECISION_ALLOW;
	table_close(&table);
	if (!passes)
		return 0;
	return why_set(why, -EPERM,
		"an allow rule lets %.100s pass, and an allow wins over every block: `feedsync why` tells which",
		c->name);
}

/* ---- doing it ---- */

/* Amends the table. If the published one cannot be amended, the next sync publishes the change. */
static int amend(struct change *c, struct why *why)
{
	if (!c->publication.base) {
		log_warning("nothing is published yet: the next sync puts it in force");
		return 0;
	}
	int status = amend_begin(&c->amendment, &c->publication, &c->overrides, why);
	c->amended = status == 0;
	if (status == -ENOTSUP) {
		log_warning("%s: the next sync puts it in force", why->text);
		status = 0;
	}
	if (!c->amended)
		return status;
	status = check_effect(c, why);
	if (status != 0)
		amend_abort(&c->amendment);
	return status;
}

/* The file comes first: were the table published alone, the next sync would take the change back. */
static int store(struct change *c, struct local_resolvers *told, struct why *why)
{
	struct overrides before;
	struct why reason;
	int status = overrides_read(&before, c->config, why);
	if (status == 0)
		status = overrides_write(&c->overrides, c->config->state, why);
	if (status == DURABILITY_UNCERTAIN)
		log_warning("%s", why->text);
	if (status >= 0 && c->amended) {
		status = amend_commit(&c->amendment, told, why);
		if (status < 0 && overrides_write(&before, c->config->state, &reason) < 0)
			log_error("the next sync makes the change all the same: %s", reason.text);
	} else if (c->amended) {
		amend_abort(&c->amendment);
	}
	overrides_end(&before);
	return status < 0 ? status : 0;
}

static int make_change(struct change *c, struct local_resolvers *told, struct why *why)
{
	int status = overrides_read(&c->overrides, c->config, why);
	if (status == 0)
		status = change_overrides(c, why);
	if (status == 0)
		status = amend(c, why);
	return status == 0 ? store(c, told, why) : status;
}

/* ---- what is told ---- */

/* "f (malicious), g (phishing)": whose rules block the name, as far as there is room. */
static void blockers(const struct verdict *verdict, const struct policy *policy, char *text, size_t room)
{
	size_t used = 0;
	text[0] = '\0';
	for (unsigned i = 0; i < verdict->effective_count && used + 2 * POLICY_MAX_NAME + 8 < room; i++)
		used += (size_t)snprintf(text + used, room - used, "%s%s (%s)", i ? ", " : "",
			policy->feeds[verdict->effective[i].feed].name,
			policy->categories[verdict->effective[i].category].name);
}

static void print_effect(const struct change *c, const char *when, const struct table *table)
{
	const struct verdict *verdict = decided(c, table);
	char list[512];
	if (!verdict || verdict->decision == DECISION_PASS) {
		printf("%s nothing blocks %s\n", when, c->name);
	} else if (verdict->decision == DECISION_ALLOW) {
		printf("%s an allow rule lets %s pass\n", when, c->name);
	} else {
		blockers(verdict, table_policy(table), list, sizeof list);
		printf("%s %s is blocked by %s\n", when, c->name, list);
	}
}

static void print_change(const struct change *c)
{
	char until[TIMESTAMP_ROOM];
	const char *word = c->item.kind == RULE_ALLOW ? "allowed" : "blocked";
	if (c->gives)
		printf("%s%s: %s %s%s, by %s: %s\n", c->name, told_scope(c->item.scope), word,
			c->item.expires_at ? "until " : "for good",
			c->item.expires_at ? timestamp_text(c->item.expires_at, until) : "", c->author, c->item.reason);
	else
		printf("%s: no longer %s by command\n", c->name, word);
}

/* Waits for the resolvers, and tells where it is in force. Returns whether it is everywhere. */
static bool await(const struct change *c, struct local_resolvers *told, uint64_t generation)
{
	const struct config *config = c->config;
	struct local_resolvers_follow count = local_resolvers_await(told, config->run, config->table, generation);
	printf("generation %llu", (unsigned long long)generation);
	if (!config->run)
		puts(": published, for resolvers elsewhere (`run: none`)");
	else if (count.told == 0)
		printf(": published, but NO RESOLVER that reads this table shows itself in %s\n", config->run);
	else
		printf(": in force in %u of %u resolvers\n", count.follow, count.told);
	return count.follow == count.told && (count.told > 0 || !config->run);
}

/* Tells what is in force now, and logs it. Returns the exit code. */
static int conclude(struct change *c, struct local_resolvers *told)
{
	struct publication *p = &c->publication;
	bool changed = c->amended && c->amendment.changed;
	print_change(c);
	if (!c->amended)
		return EXIT_ATTENTION;
	if (c->gives)
		print_effect(c, "before:", p->base);
	uint64_t generation = changed ? p->generation : table_header(p->base)->generation;
	if (!changed)
		local_resolvers_tell(told, c->config->run, c->config->table);
	bool all = await(c, told, generation);
	fflush(stdout);
	if (changed)
		(void)!publication_log(p, NULL); /* logs what is wrong */
	if (!c->gives) {
		struct table *table;
		struct why why;
		if (table_open(&table, c->config->table, &why) == 0)
			print_effect(c, "now:", table);
		table_close(&table);
	}
	return all ? EXIT_WELL : EXIT_ATTENTION;
}

/* Without the file of rules what an allow had removed from the table comes back with a whole sync only. */
static int complete(const struct change *c, int code)
{
	struct hold hold;
	hold_read(&hold, c->config->state);
	if (hold.held && c->item.expires_at > 0)
		log_warning("the table is held: --until ends this only after `feedsync resume`");
	if (c->amended && (c->gives || c->amendment.whole))
		return code;
	if (hold.held) {
		log_warning("the table is held: what feeds list is published after `feedsync resume`");
		return EXIT_ATTENTION;
	}
	/* `run` publishes also where some feeds stay on their last good version (EXIT_ATTENTION). */
	int asked = state_dir_is_locked(c->config->state) ? control_ask(c->config, "publish\n") : EXIT_TROUBLE;
	if (asked == EXIT_WELL || asked == EXIT_ATTENTION)
		return c->amended ? code : EXIT_WELL;
	log_warning("`feedsync sync` completes it");
	return EXIT_ATTENTION;
}

static int change_and_tell(struct change *c)
{
	struct local_resolvers told = {0};
	struct why why;
	int code = EXIT_TROUBLE, status = 0;
	last_run_begin_clock(c->config);
	name_to_text(c->item.wire, c->item.length, c->name);
	if (c->gives && c->item.kind == RULE_BLOCK)
		status = check_guard(c, &why);
	if (status != 0) {
		log_error("not done: %s", why.text);
		return EXIT_TROUBLE;
	}
	status = publication_begin(&c->publication, c->config, c->command, &why);
	if (status == 0)
		status = make_change(c, &told, &why);
	if (status == 0)
		code = conclude(c, &told);
	else
		log_error("not done, all stays as it was: %s", why.text);
	publication_end(&c->publication);
	overrides_end(&c->overrides);
	return status == 0 ? complete(c, code) : code;
}

int override_give(const struct invocation *invocation, enum rule_kind kind)
{
	struct change c = {.config = invocation->config, .command = invocation->command->word, .gives = true};
	int code = read_given(invocation, &c.item);
	if (code != 0)
		return code;
	uint64_t now = wall_now();
	caller_describe(c.author, sizeof c.author);
	c.item.kind = kind;
	c.item.author = c.author;
	c.item.at = now;
	if (c.item.expires_at > 0 && c.item.expires_at <= now) {
		log_error("not done: --until is over already");
		return EXIT_TROUBLE;
	}
	const struct config *config = c.config;
	if (kind == RULE_ALLOW && config->categories[config->operator_lists.allow.category].action != ACTION_ALLOW) {
		log_error("not done: the category \"" OPERATOR_CATEGORY
			  "\" in %s must have the action allow, or another name",
			config->path);
		return EXIT_TROUBLE;
	}
	return change_and_tell(&c);
}

int override_take_back(const struct invocation *invocation, enum rule_kind kind)
{
	struct change c = {.config = invocation->config, .command = invocation->command->word};
	int code = read_override_name(invocation, &c.item);
	c.item.kind = kind;
	return code != 0 ? code : change_and_tell(&c);
}
