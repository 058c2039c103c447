/* SPDX-License-Identifier: BSD-3-Clause */
/* `feedsync pull`: gets the finished table of a compiler, once. */
#include "feedsync/fleet/pull.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>

#include "feedsync/base/act_as_owner.h"
#include "feedsync/base/atomic_file.h"
#include "feedsync/base/log.h"
#include "feedsync/commands/commands.h"
#include "feedsync/config/in_use.h"
#include "feedsync/net/fetch_all.h"
#include "libweir/errors.h"
#include "libweir/table.h"

enum { PULLED = 0, PULL_LAST_GOOD = 1, PULL_NO_TABLE = 2 };

/* A table that just cannot be read counts: resolvers have it. */
static bool has_table(const struct config *config)
{
	struct table *table;
	struct why why;
	int status = table_open(&table, config->table, &why);
	table_close(&table);
	return status != -ENOENT && status != WEIR_EFORMAT && status != WEIR_EVERSION;
}

/* Pulls as the owner of the state directory. Returns the exit code. */
static int pull_once(const struct config *config)
{
	const struct pull_request request = {0};
	struct pull_outcome outcome;
	struct why why;
	int status = owner_become(config->state, &why);
	if (status == 0 && (status = directory_create(config->state)) != 0)
		why_set(&why, status, "cannot create %.150s: %s", config->state, error_text(status));
	if (status != 0) {
		log_error("%s", why.text);
		return has_table(config) ? PULL_LAST_GOOD : PULL_NO_TABLE;
	}
	config_keep(config);
	fetch_init();
	pull(config, &request, &outcome);
	if (outcome.end != PULL_FAILED) {
		log_info("%s: serial %" PRIu64 " %s", config->pull.url, outcome.serial,
			outcome.end == PULL_TAKEN ? "is in force" : "is in force already");
		return PULLED;
	}
	bool has = has_table(config);
	log_error("%s; %s", outcome.error,
		has ? "the last good table stays in force (`feedsync status`)"
		    : "there is no table: nothing is blocked");
	return has ? PULL_LAST_GOOD : PULL_NO_TABLE;
}

static int check_pull_arguments(const struct invocation *invocation)
{
	return option_given(invocation, "--once")
		       ? 0
		       : usage_error(invocation->command, "--once is missing; `feedsync run` pulls all the time");
}

static int cmd_pull(struct invocation *invocation)
{
	struct config *config;
	if (config_load(&config, invocation->config_path) != 0) {
		log_error("nothing done: what is published stays in force (`feedsync status`)");
		return EXIT_TROUBLE;
	}
	int code = PULL_NO_TABLE;
	if (config->pull.url)
		code = pull_once(config);
	else
		log_error("%s: no \"pull\" is configured: the table is made on this host, by `feedsync sync`",
			invocation->config_path);
	config_free(&config);
	return code;
}

const struct command command_pull = {
	.word = "pull",
	.usage = "--once",
	.summary = "get the finished table of a compiler (\"pull\" in the configuration)",
	.text = "What is offered is verified and tried before it takes the place of the published table. Whatever goes "
		"wrong, the\n"
		"last good table stays in force, and `feedsync status` says since when and why. `feedsync run` does "
		"the\n"
		"same each 15 seconds, and at once for what is urgent; this command works beside it.\n",
	.configuration = CONFIGURATION_PATH,
	.options = {{"--once", NULL, NULL, "pull now, and end"}},
	.check = check_pull_arguments,
	.exits = {{PULLED, "what is offered is in force, since now or before"},
		{PULL_LAST_GOOD, "it was refused, or could not be reached: the last good table stays in force"},
		{PULL_NO_TABLE, "likewise, and there is no table; or the configuration cannot be used"}},
	.run = cmd_pull,
};
