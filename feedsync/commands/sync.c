/* SPDX-License-Identifier: BSD-3-Clause */
#include "feedsync/commands/sync.h"

#include <stdlib.h>
#include <string.h>

#include "feedsync/base/act_as_owner.h"
#include "feedsync/base/log.h"
#include "feedsync/base/xalloc.h"
#include "feedsync/commands/commands.h"
#include "feedsync/commands/signals.h"
#include "feedsync/config/in_use.h"
#include "feedsync/control/control_ask.h"
#include "feedsync/feeds/accept.h"
#include "feedsync/fleet/distribute.h"
#include "feedsync/net/fetch_all.h"
#include "feedsync/publish/state_dir.h"

int sync_exit_code(const struct sync *sync)
{
	switch (sync->result) {
	case SYNC_FRESH:
	case SYNC_LAST_GOOD: return (int)sync->result;
	case SYNC_OWN: return SYNC_LAST_GOOD;
	case SYNC_HELD: return SYNC_NOTHING;
	default: return sync->published ? SYNC_LAST_GOOD : SYNC_NOTHING;
	}
}

static int begin_sync_once(struct sync *sync, const struct config *config, const struct acceptance *acceptance)
{
	struct why why;
	int status = sync_begin(sync, config, NULL, &why);
	if (status != 0)
		log_error("%s", why.text);
	if (status != 0 && state_dir_is_locked(config->state))
		log_info("if that is `feedsync run`, a reload (SIGHUP) makes it ask for all feeds at once%s",
			acceptance->feed_count > 0 || acceptance->table ? "; accepted for its next run" : "");
	return status;
}

static size_t count_under_way(const struct sync *sync)
{
	size_t count = 0;
	for (size_t i = 0; i < sync->config->feed_count; i++)
		count += sync->workers[i].wanted_ms > 0 || sync->workers[i].worker.pid > 0;
	return count;
}

void sync_all_once(struct sync *sync, bool ask)
{
	enum { SHOWN_MS = 200 };
	for (size_t i = 0; ask && i < sync->config->feed_count; i++)
		sync_ask(sync, i);
	if (!ask)
		sync_make(sync);
	progress_begin();
	while (!signal_end && !signal_reload) {
		signal_child = 0;
		sync_step(sync);
		if (!sync_is_busy(sync))
			break;
		int wait = sync_wait_ms(sync);
		signals_wait(wait < 0 || wait > SHOWN_MS ? SHOWN_MS : wait, NULL, 0);
		progress("fetching: %zu of %zu feeds%s", sync->config->feed_count - count_under_way(sync),
			sync->config->feed_count, sync_makes_table(sync) ? "; making the table" : "");
	}
	progress_end();
}

/* Syncs by itself, or asks the `run` that has the state directory to do so. Returns the exit code. */
static int sync_or_ask(const struct config *config, const struct acceptance *acceptance)
{
	struct sync sync;
	int asked = -1;
	/* What the operator accepts is stored first, so that a `run` that is at work finds it. */
	struct why why;
	if (owner_become(config->state, &why) != 0 || accept_leave(config, acceptance, &why) != 0) {
		log_error("%s", why.text);
		return EXIT_TROUBLE;
	}
	if (state_dir_is_locked(config->state))
		asked = control_ask(config, "sync\n");
	if (asked >= 0)
		return asked;
	if (begin_sync_once(&sync, config, acceptance) != 0)
		return EXIT_TROUBLE;
	config_keep(config);
	sync.cause = "sync";
	sync.result = SYNC_NOTHING;
	fetch_init();
	sync_all_once(&sync, true);
	int code = sync_exit_code(&sync);
	sync_end(&sync);
	return code;
}

static int check_sync_arguments(const struct invocation *invocation)
{
	bool dry = option_given(invocation, "--dry-run");
	if (dry && (option_given(invocation, "--accept") || option_given(invocation, "--accept-table")))
		return usage_error(
			invocation->command, "--dry-run accepts nothing; it tells which alarms would be raised");
	if (!dry && option_given(invocation, "--popular"))
		return usage_error(invocation->command, "--popular belongs to --dry-run");
	return 0;
}

static int cmd_sync(struct invocation *invocation)
{
	struct config *config;
	bool dry = option_given(invocation, "--dry-run");
	signals_catch();
	if (config_load(&config, invocation->config_path) != 0) {
		log_error("nothing done: what is published stays in force (`feedsync status`)");
		return EXIT_TROUBLE;
	}
	if (config->pull.url) {
		log_error("%s: the table is pulled, not made here: nothing done; next: feedsync pull --once",
			invocation->config_path);
		config_free(&config);
		return EXIT_TROUBLE;
	}
	if (config->feed_count == 0) {
		log_error("%s: no feeds are configured: nothing done, and what is published stays in force; "
			  "next: `feedsync try URL-or-FILE` tells what to write for a list",
			invocation->config_path);
		config_free(&config);
		return EXIT_TROUBLE;
	}
	if (dry) {
		int code = sync_dry_run(config, option_value(invocation, "--popular"), true);
		config_free(&config);
		return code;
	}
	const char **feeds = xcalloc((size_t)invocation->given_count, sizeof *feeds);
	struct acceptance acceptance = {.feeds = feeds, .table = option_given(invocation, "--accept-table")};
	for (int i = 0; i < invocation->given_count; i++)
		if (strcmp(invocation->given[i].option->word, "--accept") == 0)
			feeds[acceptance.feed_count++] = invocation->given[i].value;
	int code = sync_or_ask(config, &acceptance);
	if (!distribute_published(config, BUNDLE_WHOLE) && code == EXIT_WELL)
		code = EXIT_ATTENTION;
	free(feeds);
	config_free(&config);
	return code;
}

const struct command command_sync = {
	.word = "sync",
	.usage = "[--accept FEED]... [--accept-table] | --dry-run [--popular FILE]",
	.summary = "fetch all feeds once, compile, publish",
	.text = "Beside a `feedsync run` it asks that one to do so at once, and tells what it logs. A feed that fails, "
		"or that\n"
		"raises an alarm, stays on its last good version; look at what `feedsync status` says of it before "
		"you\n"
		"accept an alarm.\n",
	.configuration = CONFIGURATION_PATH,
	.options = {{"--accept", "FEED", NULL, "take this feed's next version for once, although it raises an alarm"},
		{"--accept-table", NULL, NULL, "publish the next table for once, although it raises an alarm"},
		{"--dry-run", NULL, NULL, "ask the feeds, and tell what would be published; change nothing"},
		{"--popular", "FILE", NULL, "names, one a line, the most popular first: which would newly be blocked"}},
	.check = check_sync_arguments,
	.exits = {{EXIT_WELL, "all feeds are fresh or unchanged"},
		{EXIT_ATTENTION, "published, but some feeds stay on their last good version, or a channel is behind"},
		{EXIT_TROUBLE, "nothing was published: what was published before stays in force"}},
	.run = cmd_sync,
};
