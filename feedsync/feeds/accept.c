/* SPDX-License-Identifier: BSD-3-Clause */
#include "feedsync/feeds/accept.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "feedsync/base/atomic_file.h"
#include "feedsync/base/log.h"
#include "feedsync/config/configuration.h"
#include "feedsync/feeds/feed.h"
#include "libweir/errors.h"

static void acceptance_path(const char *directory, char path[4096])
{
	snprintf(path, 4096, "%s/accept", directory);
}

static int write_acceptance(const char *directory, struct why *why)
{
	char path[4096];
	acceptance_path(directory, path);
	int status = atomic_file_write(path, MODE_PRIVATE, "", 0, why);
	return status < 0 ? status : 0;
}

static int check_acceptance(const struct config *config, const char *name, struct why *why)
{
	char directory[FEED_DIRECTORY];
	size_t feed;
	int status = config_find_feed(config, name, &feed, why);
	if (status != 0)
		return status;
	feed_directory(config->state, name, directory);
	if (access(directory, F_OK) == 0)
		return 0;
	if (errno == ENOENT)
		return why_set(
			why, -ENOENT, "feed %s: nobody has asked for it yet: nothing can have raised an alarm", name);
	return why_set(why, -errno, "%.150s: %s", directory, error_text(-errno));
}

int accept_leave(const struct config *config, const struct acceptance *acceptance, struct why *why)
{
	int status = 0;
	for (size_t i = 0; status == 0 && i < acceptance->feed_count; i++)
		status = check_acceptance(config, acceptance->feeds[i], why);
	for (size_t i = 0; status == 0 && i < acceptance->feed_count; i++) {
		char directory[FEED_DIRECTORY];
		feed_directory(config->state, acceptance->feeds[i], directory);
		status = write_acceptance(directory, why);
	}
	return status == 0 && acceptance->table ? write_acceptance(config->state, why) : status;
}

bool accept_found(const char *directory)
{
	char path[4096];
	acceptance_path(directory, path);
	return access(path, F_OK) == 0;
}

void accept_end(const char *directory)
{
	char path[4096];
	acceptance_path(directory, path);
	if (unlink(path) != 0 && errno != ENOENT)
		log_warning("%s: %s", path, error_text(-errno));
}

void accept_keep(const char *directory)
{
	struct why why;
	if (write_acceptance(directory, &why) != 0)
		log_error("%s", why.text);
}
