/* SPDX-License-Identifier: BSD-3-Clause */
/* `feedsync rollback`: publishes the content of an earlier generation under a new one, and holds it (hold.h). */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "feedsync/base/atomic_file.h"
#include "feedsync/base/caller.h"
#include "feedsync/base/clock.h"
#include "feedsync/base/log.h"
#include "feedsync/base/maxima.h"
#include "feedsync/base/number.h"
#include "feedsync/base/wall_clock.h"
#include "feedsync/commands/commands.h"
#include "feedsync/fleet/distribute.h"
#include "feedsync/fleet/promotion.h"
#include "feedsync/publish/archive.h"
#include "feedsync/publish/hold.h"
#include "feedsync/publish/local_resolvers.h"
#include "feedsync/publish/overrides.h"
#include "feedsync/publish/publication.h"
#include "feedsync/sync/last_run.h"
#include "libweir/build/build.h"
#include "libweir/errors.h"
#include "libweir/table.h"

/* "there is no table of generation 3: No such file or directory; the archive has the generations 9 8 7" */
static int list_archived(const struct publication *p, int error, struct why *why)
{
	uint64_t kept[KEPT_TABLES * 2];
	size_t count = archive_list(p->config->state, kept, sizeof kept / sizeof *kept);
	char list[120] = " none";
	for (size_t i = 0, used = 0; i < count && used + 22 < sizeof list; i++)
		used += (size_t)snprintf(list + used, sizeof list - used, " %llu", (unsigned long long)kept[i]);
	return why_set(why, error, "there is no table of generation %llu: %s; the archive has the generations%s",
		(unsigned long long)p->content_of, error_text(error), list);
}

/* Opens the archived table and makes sure that its content is not what is published. Returns its file, -EALREADY, or
 * another negative code. */
static int open_archived(const struct publication *p, struct why *why)
{
	char path[4096];
	struct why reason;
	struct table *table = NULL;
	archive_path(p->config->state, p->content_of, path);
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK); /* as table_open does */
	if (fd < 0)
		return list_archived(p, -errno, why);
	int status = table_open_fd(&table, fd, &reason);
	if (status != 0)
		why_set(why, status, "%.100s: %.140s", path, reason.text);
	else if (p->base && table_body_sum(p->base) == table_body_sum(table))
		status = why_set(why, -EALREADY, "generation %llu is published, with the content of %llu",
			(unsigned long long)table_header(p->base)->generation, (unsigned long long)p->content_of);
	else
		status = local_resolvers_can_read(p->config->run, p->config->table, table_header(table)->version, why);
	table_close(&table);
	if (status != 0)
		close(fd);
	return status == 0 ? fd : status;
}

static int publish_archived(struct publication *p, int from, struct why *why)
{
	uint64_t begun = clock_ms();
	int status = archive_copy(from, p->config->table, p->generation, wall_now(), why);
	if (status == DURABILITY_UNCERTAIN)
		log_warning("%s", why->text);
	p->publish_ms = clock_ms() - begun;
	return status < 0 ? status : 0;
}

/* The hold comes first: without it a sync could publish again what is rolled back, before anybody looks. */
static int roll_back(struct publication *p, int from, struct why *why)
{
	const char *state = p->config->state;
	struct hold before, hold = {.generation = p->generation, .content_of = p->content_of, .at = wall_now()};
	struct why reason;
	hold_read(&before, state);
	caller_describe(hold.user, sizeof hold.user);
	int status = hold_set(state, &hold, why);
	if (status < 0)
		return status;
	status = publish_archived(p, from, why);
	if (status == 0)
		return 0;
	int undone = before.held ? hold_set(state, &before, &reason) : hold_release(state, &reason);
	if (undone < 0)
		log_warning("%s", reason.text);
	return status;
}

/* Holds what is published already. */
static int hold_published(const struct publication *p, struct why *why)
{
	struct hold hold = {
		.generation = table_header(p->base)->generation, .content_of = p->content_of, .at = wall_now()};
	caller_describe(hold.user, sizeof hold.user);
	int status = hold_set(p->config->state, &hold, why);
	return status < 0 ? status : 0;
}

static int roll_back_or_hold(struct publication *p, struct why *why)
{
	int from = open_archived(p, why);
	if (from == -EALREADY) {
		log_info("%s", why->text);
		return hold_published(p, why);
	}
	if (from < 0)
		return from;
	int status = roll_back(p, from, why);
	close(from);
	if (status != 0)
		return status;
	publication_done(p);
	log_info("%s: generation %llu published, with the content of %llu", p->config->table,
		(unsigned long long)p->generation, (unsigned long long)p->content_of);
	struct local_resolvers told;
	local_resolvers_tell(&told, p->config->run, p->config->table);
	bool logged = publication_log(p, NULL); /* logs what is wrong */
	(void)logged;
	local_resolvers_await(&told, p->config->run, p->config->table, p->generation);
	return 0;
}

/* The table is as it was then. */
static void warn_of_overrides(const struct config *config)
{
	struct overrides overrides;
	struct why why;
	if (overrides_read(&overrides, config, &why) != 0 || overrides.lists.count > 0)
		log_warning("what was allowed or blocked by command since then is not in that table: "
			    "`feedsync check` lists it, the same command again puts all of it in force");
	overrides_end(&overrides);
}

static int check_rollback_arguments(const struct invocation *invocation)
{
	const char *generation = invocation->arguments[0];
	return number_positive(generation) > 0
		       ? 0
		       : usage_error(invocation->command,
				 "\"%.40s\" is not a generation (`feedsync history` lists them)", generation);
}

static int cmd_rollback(struct invocation *invocation)
{
	const struct config *config = invocation->config;
	struct publication publication;
	struct why why;
	last_run_begin_clock(config);
	int status = publication_begin(&publication, config, "rollback", &why);
	publication.content_of = number_positive(invocation->arguments[0]);
	if (status == 0)
		publication_archive_base(&publication);
	if (status == 0)
		status = roll_back_or_hold(&publication, &why);
	publication_end(&publication);
	if (status != 0) {
		log_error("nothing rolled back, what is published stays in force: %s", why.text);
		return EXIT_TROUBLE;
	}
	warn_of_overrides(config);
	promotion_promote_all(config, "rollback");
	log_warning("HELD: feeds are fetched, but nothing new is published until `feedsync resume`");
	return distribute_published(config, BUNDLE_SOON) ? EXIT_WELL : EXIT_ATTENTION;
}

const struct command command_rollback = {
	.word = "rollback",
	.usage = "GENERATION",
	.summary = "publish the content of an earlier generation again, and hold it",
	.text = "The content gets a new generation. Then it is held: feeds are fetched on, but nothing new is "
		"published until\n"
		"`feedsync resume`. Works beside a `feedsync run`. `feedsync history` lists the generations; the last "
		"tables are\n"
		"kept.\n",
	.min_arguments = 1,
	.max_arguments = 1,
	.configuration = CONFIGURATION_IN_USE,
	.as_owner = true,
	.exits = {{EXIT_WELL, "the content is published, and held"},
		{EXIT_ATTENTION, "so it is, but a channel (`distribute`) is behind"},
		{EXIT_TROUBLE, "nothing was rolled back: what is published stays"}},
	.check = check_rollback_arguments,
	.run = cmd_rollback,
};
