/* SPDX-License-Identifier: BSD-3-Clause */
#include "feedsync/commands/override.h"

#include <stdio.h>
#include <string.h>

#include "feedsync/base/caller.h"
#include "feedsync/base/log.h"
#include "feedsync/base/wall_clock.h"
#include "feedsync/commands/override_private.h"
#include "feedsync/config/option_values.h"
#include "feedsync/control/control_ask.h"
#include "feedsync/entries/normalise.h"
#include "feedsync/entries/self_test.h"
#include "feedsync/fleet/distribute.h"
#include "feedsync/guard/last_good.h"
#include "feedsync/publish/history.h"
#include "feedsync/publish/hold.h"
#include "feedsync/publish/state_dir.h"
#include "feedsync/sync/last_run.h"

/* ---- the command line ---- */

/* Reads the name into the item. Returns 0, or usage_error. */
static int read_override_name(const struct invocation *invocation, struct operator_item *item)
{
	const bool blocks = strcmp(invocation->command->word, "block") == 0;
	name_storage single;
	const char *text = invocation->arguments[0];
	enum reject reject;
	if (text[0] == '\0')
		return usage_error(invocation->command, "the name is empty");
	if (strstr(text, "://"))
		return usage_error(invocation->command, "%.150s is a URL, not a name: give the name of its host", text);
	if (strncmp(text, "*.", 2) == 0)
		return usage_error(invocation->command,
			"%.150s: give the name without `*.`: all below it is meant, unless --exact is given", text);
	int length = normalise(text, strlen(text), item->wire, &reject);
	if (length <= 0)
		return usage_error(invocation->command, "%.150s: %s%s", text, reject_text(reject),
			blocks && normalise_operator(text, strlen(text), single, &reject) > 0
				? ": a command blocks no top-level domain; if you mean it, name it under `block:` in "
				  "the configuration"
				: "");
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
	if (!reason || reason[strspn(reason, " \t\r\n")] == '\0')
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
			c->item.scope == SCOPE_SUBTREE ? " and everything below" : "");
	else if (guard_refuses(guard, NULL, &rule, &refusal))
		status = why_set(why, -EPERM, "%.120s: %s. If you mean it, name it under `block:` in %.60s",
			refusal.text, reject_text(refusal.reject), c->config->path);
	else if (guard_gap(guard))
		log_warning("guard: %s; look twice at what you block", guard_gap(guard)->why.text);
	guard_free(&guard);
	return status;
}

/* ---- doing it ---- */

/* Waits for the resolvers. Returns whether it is in force everywhere. */
static bool await(struct change *c, struct local_resolvers *told)
{
	const struct config *config = c->config;
	c->follow = local_resolvers_await(told, config->run, config->table, c->generation);
	return c->follow.follow == c->follow.told && (c->follow.told > 0 || !config->run);
}

static int write_override(const struct change *c, const struct history_override *override, struct why *why)
{
	struct history *history;
	int status = history_open(&history, c->config->state, true, why);
	if (status != 0)
		return status;
	history_begin(history);
	history_add_override(history, override);
	status = history_commit(history, why);
	history_close(&history);
	return status;
}

/* Logs the change: with the table that it made, or by itself. A failure is told, and nothing more. */
static void log_change(struct change *c, bool published)
{
	const struct history_override override = {.generation = published ? c->generation : 0,
		.time = wall_now(),
		.user = c->author,
		.change = c->command,
		.name = c->name,
		.scope = c->item.scope,
		.expires_at = c->item.expires_at,
		.reason = c->item.reason,
		.author = c->item.author};
	struct why why;
	c->publication.override = &override;
	if (published)
		(void)!publication_log(&c->publication, NULL); /* logs what is wrong */
	else if (write_override(c, &override, &why) != 0)
		log_warning("the history does not tell of it: %s", why.text);
	c->publication.override = NULL;
}

/* Tells what is in force now, and logs it. Returns the exit code. */
static int conclude(struct change *c, struct local_resolvers *told)
{
	struct publication *p = &c->publication;
	bool changed = c->amended && c->amendment.changed, all = false;
	c->generation = changed ? p->generation : p->base ? table_header(p->base)->generation : 0;
	if (c->amended && !changed)
		local_resolvers_tell(told, c->config->run, c->config->table);
	if (c->amended)
		all = await(c, told);
	change_tell(c);
	log_change(c, changed);
	return all ? EXIT_WELL : EXIT_ATTENTION;
}

/* Without the file of rules what an allow had removed from the table comes back with a whole sync only. */
static int complete(const struct change *c, int code)
{
	struct hold hold;
	if (change_is_whole(c))
		return code;
	hold_read(&hold, c->config->state);
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
	if (c->gives && c->item.kind == RULE_BLOCK)
		status = check_guard(c, &why);
	if (status != 0) {
		change_tell_failure(c, "not done", &why);
		return EXIT_TROUBLE;
	}
	status = change_make(c, &told, &why);
	if (status == 0)
		code = conclude(c, &told);
	else
		change_tell_failure(c, "not done, all stays as it was", &why);
	publication_end(&c->publication);
	overrides_end(&c->overrides);
	if (status == 0 && !distribute_published(c->config, BUNDLE_SOON) && code == EXIT_WELL)
		code = EXIT_ATTENTION;
	return status == 0 ? complete(c, code) : code;
}

static void change_begin(struct change *c, const struct invocation *invocation)
{
	*c = (struct change){.config = invocation->config,
		.command = invocation->command->word,
		.json = option_given(invocation, "--json")};
	caller_describe(c->author, sizeof c->author);
}

/* Fills in who gives it. Returns 0, or a negative code with the reason. */
static int prepare_given(struct change *c, struct why *why)
{
	const struct config *config = c->config;
	const uint64_t now = wall_now();
	c->item.author = c->author;
	c->item.at = now;
	if (c->item.expires_at > 0 && c->item.expires_at <= now)
		return why_set(why, -EINVAL, "--until is over already");
	if (c->item.kind == RULE_ALLOW &&
		config->categories[config->operator_lists.allow.category].action != ACTION_ALLOW)
		return why_set(why, -EINVAL,
			"the category \"" OPERATOR_CATEGORY "\" in %.150s must have the action allow, or another name",
			config->path);
	return 0;
}

int override_give(const struct invocation *invocation, enum rule_kind kind)
{
	struct change c;
	struct why why;
	change_begin(&c, invocation);
	int code = read_given(invocation, &c.item);
	if (code != 0)
		return code;
	c.gives = true;
	c.item.kind = kind;
	name_to_text(c.item.wire, c.item.length, c.name);
	if (prepare_given(&c, &why) == 0)
		return change_and_tell(&c);
	change_tell_failure(&c, "not done", &why);
	return EXIT_TROUBLE;
}

int override_take_back(const struct invocation *invocation, enum rule_kind kind)
{
	struct change c;
	change_begin(&c, invocation);
	int code = read_override_name(invocation, &c.item);
	c.item.kind = kind;
	name_to_text(c.item.wire, c.item.length, c.name);
	return code != 0 ? code : change_and_tell(&c);
}
