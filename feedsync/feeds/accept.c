/* SPDX-License-Identifier: BSD-3-Clause */
#include "feedsync/feeds/accept.h"

#include <errno.h>
#include <stdio.h>
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

static int write_acceptance(const char *directory)
{
	char path[4096];
	struct why why;
	acceptance_path(directory, path);
	int status = atomic_file_write(path, MODE_PRIVATE, "", 0, &why);
	if (status < 0)
		log_error("%s", why.text);
	return status < 0 ? -1 : 0;
}

static bool can_accept(const struct config *config, const char *name)
{
	char directory[FEED_DIRECTORY];
	size_t i = 0;
	while (i < config->feed_count && strcmp(config->feeds[i].name, name) != 0)
		i++;
	feed_directory(config->state, name, directory);
	if (i == config->feed_count)
		log_error("there is no feed \"%s\"", name);
	else if (access(directory, F_OK) == 0)
		return true;
	else if (errno == ENOENT)
		log_error("feed %s: nobody has asked for it yet: nothing can have raised an alarm", name);
	else
		log_error("%s: %s", directory, error_text(-errno));
	return false;
}

int accept_leave(const struct config *config, const struct acceptance *acceptance)
{
	int status = 0;
	for (size_t i = 0; i < acceptance->feed_count; i++)
		if (!can_accept(config, acceptance->feeds[i]))
			status = -1;
	for (size_t i = 0; status == 0 && i < acceptance->feed_count; i++) {
		char directory[FEED_DIRECTORY];
		feed_directory(config->state, acceptance->feeds[i], directory);
		status = write_acceptance(directory);
	}
	return status == 0 && acceptance->table ? write_acceptance(config->state) : status;
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
	int status = write_acceptance(directory); /* says itself what is wrong */
	(void)status;
}
