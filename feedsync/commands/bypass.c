/* SPDX-License-Identifier: BSD-3-Clause */
/* `feedsync bypass`: for a while everything passes, at once (libweir/bypass.h).
 *
 * It is for the night in which nothing else helps, so it needs as little as can be. It must know only where the table
 * is: from the configuration, else from the copy of the one in use, else from --table. It takes no lock, waits for no
 * disk, and needs no `feedsync run`. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "feedsync/base/act_as_owner.h"
#include "feedsync/base/caller.h"
#include "feedsync/base/duration.h"
#include "feedsync/base/json.h"
#include "feedsync/base/log.h"
#include "feedsync/base/timestamp.h"
#include "feedsync/commands/commands.h"
#include "feedsync/config/in_use.h"
#include "feedsync/publish/bypass_file.h"
#include "feedsync/publish/history.h"
#include "feedsync/publish/local_resolvers.h"
#include "libweir/bypass.h"
#include "libweir/live/shm_file.h"

enum { DEFAULT_S = 3600, FIRST_COUNTERS = 4 /* counters of this version come from a module that knows a bypass */ };

/* The table that the command works on. */
struct target {
	struct config *config; /* NULL: --table */
	const char *table;
	const char *run;
	char user[128]; /* who asks */
};

static int target_begin(struct target *target, const struct invocation *invocation)
{
	*target = (struct target){.table = option_value(invocation, "--table"), .run = SHARED_DIRECTORY};
	/* This comes first: with the copy of a configuration root becomes another user. */
	caller_describe(target->user, sizeof target->user);
	if (target->table)
		return 0;
	if (config_load_any(&target->config, invocation->config_path) != 0) {
		log_error("no configuration tells where the table is; `feedsync bypass ... --table PATH` needs none");
		return EXIT_TROUBLE;
	}
	target->table = target->config->table;
	target->run = target->config->run;
	return 0;
}

static void target_end(struct target *target)
{
	if (target->config)
		config_free(&target->config);
}

/* ---- the resolvers ---- */

/* Tells in words what a resolver does, in capitals where it is not what is wanted. Wanted is that everything passes
 * until that time; 0: that it blocks. Returns whether it does what is wanted. */
static bool describe_resolver(const struct counters_snapshot *r, uint64_t until, char text[160])
{
	const struct counters_state *s = &r->state;
	char when[TIMESTAMP_ROOM];
	bool as_wanted = s->bypass_until == until && (until > 0 || s->active) && !s->processes;
	if (r->newer)
		snprintf(text, 160, "NOT KNOWN: its module is newer than this feedsync");
	else if (!r->alive)
		snprintf(text, 160, "DEAD");
	else if (s->processes)
		snprintf(text, 160,
			"NOT KNOWN: its workers are processes; each follows within a second, with its next query");
	else if (s->bypass_until > 0)
		snprintf(text, 160, "%s until %s", until ? "everything passes" : "STILL PASSES EVERYTHING",
			timestamp_text(s->bypass_until, when));
	else if (until && r->version < FIRST_COUNTERS)
		snprintf(text, 160, "STILL BLOCKS: its module is too old for a bypass; restart its Unbound");
	else if (until)
		snprintf(text, 160,
			"STILL BLOCKS, generation %llu: its log says why; a bypass that it ended or did not believe "
			"must be "
			"made anew",
			(unsigned long long)s->generation);
	else if (s->active)
		snprintf(text, 160, "blocks, generation %llu", (unsigned long long)s->generation);
	else
		snprintf(text, 160, "NOTHING IS BLOCKED: it has no table");
	return as_wanted && r->alive && !r->newer;
}

static bool concerns_table(const struct counters_snapshot *resolver, const char *table)
{
	return resolver->alive && (resolver->newer || local_resolver_reads(resolver, table));
}

static bool print_resolvers(const struct target *target, const struct local_resolvers *resolvers, uint64_t until)
{
	bool all = true;
	size_t count = 0;
	for (size_t i = 0; i < resolvers->count; i++) {
		char name[LOCAL_RESOLVER_TEXT], text[160];
		if (!concerns_table(&resolvers->list[i], target->table))
			continue;
		count++;
		all &= describe_resolver(&resolvers->list[i], until, text);
		printf("%s: %s\n", local_resolver_text(&resolvers->list[i], name), text);
	}
	if (count == 0 && target->run)
		printf("NO RESOLVER that reads this table shows itself in %s: what resolvers do is not known\n",
			target->run);
	return all && (count > 0 || !target->run);
}

static struct node *resolvers_json(const struct target *target, const struct local_resolvers *resolvers, uint64_t until)
{
	struct node *list = node_array();
	for (size_t i = 0; i < resolvers->count; i++) {
		const struct counters_snapshot *r = &resolvers->list[i];
		char text[160];
		if (!concerns_table(r, target->table))
			continue;
		struct node *node = node_object();
		bool follows = describe_resolver(r, until, text);
		node_put(node, "name", node_from_text(r->name));
		node_put(node, "follows", node_from_bool(follows));
		node_put(node, "bypass_until", node_from_number(r->state.bypass_until));
		node_put(node, "generation", node_from_number(r->state.generation));
		node_put(node, "text", node_from_text(text));
		node_append(list, node);
	}
	return list;
}

/* Has the resolvers look now, waits, and prints what each does. Returns whether all follow. */
static bool await_resolvers(const struct target *target, uint64_t until)
{
	struct local_resolvers resolvers;
	local_resolvers_tell(&resolvers, target->run, target->table);
	bool in_time =
		local_resolvers_await_bypass(&resolvers, target->run, target->table, until, LOCAL_RESOLVERS_WAIT_MS);
	bool all = print_resolvers(target, &resolvers, until);
	/* Where each resolver says what is wanted, only a cache can be left. */
	if (all && !in_time)
		printf("a cache is STILL BEING LOOKED THROUGH: what passed during the bypass may be answered from it "
		       "until that is done\n");
	free(resolvers.list);
	return all && in_time;
}

static int write_history(const struct target *target, const struct history_bypass *bypass, struct why *why)
{
	struct history *history;
	int status = history_open(&history, target->config->state, true, why);
	if (status != 0)
		return status;
	history_begin(history);
	history_add_bypass(history, bypass);
	status = history_commit(history, why);
	history_close(&history);
	return status;
}

/* Logs the bypass in the history, as of the time when it was asked for: resolvers have been awaited since. A failure is
 * told, and nothing more. */
static void log_bypass(const struct target *target, uint64_t at, uint64_t until, const char *reason)
{
	const struct history_bypass bypass = {at, until, target->user, reason};
	struct owner_visit visit;
	struct why why;
	if (!target->config)
		return;
	int status = owner_enter_path(&visit, target->config->state, &why);
	if (status == 0) {
		status = write_history(target, &bypass, &why);
		owner_leave(&visit);
	}
	if (status != 0)
		log_warning("the history does not tell of it: %s", why.text);
}

/* ---- the three of it ---- */

static int read_request(const struct invocation *invocation, struct bypass_file *bypass)
{
	const char *length = option_value(invocation, "--for"), *reason = option_value(invocation, "--reason");
	uint32_t seconds = DEFAULT_S;
	if (length && (!duration_read(length, BYPASS_MAX_S, &seconds) || seconds == 0))
		return usage_error(
			invocation->command, "--for %.40s: a duration such as 30m or 4h, 1 s to 24 h", length);
	if (!reason || reason[strspn(reason, " \t")] == '\0')
		return usage_error(invocation->command, "--reason TEXT is missing: whoever comes next must know why");
	if (strlen(reason) >= sizeof bypass->reason)
		return usage_error(invocation->command, "--reason: more than %zu octets", sizeof bypass->reason - 1);
	*bypass = (struct bypass_file){.at = (uint64_t)time(NULL)};
	bypass->until = bypass->at + seconds;
	snprintf(bypass->reason, sizeof bypass->reason, "%s", reason);
	return 0;
}

static int switch_on(const struct target *target, struct bypass_file *bypass)
{
	struct why why;
	char text[BYPASS_FILE_TEXT];
	snprintf(bypass->user, sizeof bypass->user, "%s", target->user);
	int status = bypass_file_set(target->table, bypass, &why);
	if (status < 0) {
		log_error("no bypass: %s", why.text);
		return EXIT_TROUBLE;
	}
	if (status > 0)
		log_warning("%s", why.text);
	printf("BYPASS: EVERYTHING PASSES %s\n", bypass_file_text(bypass, text));
	bool all = await_resolvers(target, bypass->until);
	printf("the bypass ends by itself; `feedsync bypass off` ends it earlier\n");
	log_bypass(target, bypass->at, bypass->until, bypass->reason);
	return all ? EXIT_WELL : EXIT_ATTENTION;
}

static int switch_off(const struct target *target)
{
	struct why why;
	struct bypass_file before;
	uint64_t now = (uint64_t)time(NULL);
	bypass_file_read(&before, target->table);
	int status = bypass_file_remove(target->table, &why);
	if (status != 0 && status != -ENOENT) {
		log_error("the %s stays: %s", before.why.text[0] ? "file that is not believed" : "bypass", why.text);
		return EXIT_TROUBLE;
	}
	if (status != 0)
		printf("there is no bypass\n");
	else if (before.why.text[0])
		printf("there was no bypass: the file that asked for one was not believed, and is gone\n");
	else
		printf("the bypass has ended\n");
	bool all = await_resolvers(target, 0);
	if (status == 0 && !before.why.text[0])
		log_bypass(target, now, 0, "");
	return all ? EXIT_WELL : EXIT_ATTENTION;
}

static int show_bypass(const struct target *target, bool json)
{
	struct bypass_file bypass;
	struct local_resolvers resolvers;
	char text[BYPASS_FILE_TEXT];
	bypass_file_read(&bypass, target->table);
	uint64_t until = bypass.in_force ? bypass.until : 0;
	resolvers.list = local_resolvers_find(target->run, &resolvers.count);
	if (json) {
		struct node *root = json_answer();
		node_put(root, "bypass", bypass_file_to_json(&bypass));
		node_put(root, "resolvers", resolvers_json(target, &resolvers, until));
		json_show(root);
		node_free(root);
	} else {
		if (bypass.in_force)
			printf("BYPASS: EVERYTHING PASSES %s\n", bypass_file_text(&bypass, text));
		else if (bypass.why.text[0])
			printf("bypass: NOT BELIEVED: %s\n  nothing passes by it; `feedsync bypass on` makes it anew, "
			       "`feedsync bypass off` removes the file\n",
				bypass.why.text);
		else
			printf("there is no bypass\n");
		print_resolvers(target, &resolvers, until);
	}
	free(resolvers.list);
	return bypass.in_force || bypass.why.text[0] ? EXIT_ATTENTION : EXIT_WELL;
}

static int check_bypass_arguments(const struct invocation *invocation)
{
	struct bypass_file request;
	const char *word = invocation->argument_count > 0 ? invocation->arguments[0] : "";
	const char *table = option_value(invocation, "--table");
	bool on = strcmp(word, "on") == 0;
	if (invocation->argument_count > 0 && !on && strcmp(word, "off") != 0)
		return usage_error(invocation->command, "\"%.40s\" is neither on nor off", word);
	if (!on && (option_given(invocation, "--for") || option_given(invocation, "--reason")))
		return usage_error(invocation->command, "--for and --reason belong to `feedsync bypass on`");
	if (word[0] && option_given(invocation, "--json"))
		return usage_error(invocation->command, "--json belongs to `feedsync bypass`, which only shows");
	if (table && table[0] != '/')
		return usage_error(invocation->command, "--table wants a path that begins with /");
	return on ? read_request(invocation, &request) : 0;
}

static int cmd_bypass(struct invocation *invocation)
{
	struct target target = {0};
	struct bypass_file request;
	const char *word = invocation->argument_count > 0 ? invocation->arguments[0] : "";
	bool on = strcmp(word, "on") == 0;
	int code = on ? read_request(invocation, &request) : 0;
	if (code == 0)
		code = target_begin(&target, invocation);
	if (code == 0)
		code = on        ? switch_on(&target, &request)
		       : word[0] ? switch_off(&target)
				 : show_bypass(&target, option_given(invocation, "--json"));
	target_end(&target);
	return code;
}

const struct command command_bypass = {
	.word = "bypass",
	.usage = "[on [--for DURATION] --reason TEXT | off] [--table PATH] [--json]",
	.summary = "let everything pass for a while, at once; or show whether it does",
	.text = "For the night in which nothing else helps. Nothing is blocked, and nothing that is published changes "
		"that, until\n"
		"the time is over or `feedsync bypass off`. A file beside the table says so: it needs no `feedsync "
		"run`, "
		"no sound\n"
		"configuration and no room on the disk. `feedsync status` tells of it for as long.\n",
	.arguments = "on, off",
	.max_arguments = 1,
	.configuration = CONFIGURATION_PATH,
	.options = {{"--for", "DURATION", NULL, "how long, as 30m or 4h; 1h if not told, 24h at most"},
		{"--reason", "TEXT", NULL, "why, for whoever comes next"},
		{"--table", "PATH", NULL, "where the table is, if no configuration can be read"},
		{"--json", NULL, NULL, "show it as JSON"}},
	.exits = {{EXIT_WELL, "done, and every resolver here follows; or, without a word, there is no bypass"},
		{EXIT_ATTENTION, "done, but not every resolver here says that it follows; or there is a bypass"},
		{EXIT_TROUBLE, "not done"}},
	.check = check_bypass_arguments,
	.run = cmd_bypass,
};
