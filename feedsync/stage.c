#include "stage.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "error.h"
#include "publish.h"

void stage_remove(const char *path)
{
	DIR *dir = opendir(path);
	if (!dir)
		return;
	for (struct dirent *entry; (entry = readdir(dir));)
		unlinkat(dirfd(dir), entry->d_name, 0);
	closedir(dir);
	rmdir(path);
}

int stage_begin(const char *next, struct why *why)
{
	stage_remove(next);
	if (mkdir(next, MODE_DIRECTORY) != 0)
		return why_set(why, -errno, "cannot create %s: %s", next, error_text(-errno));
	return 0;
}

int stage_link(const char *current, const char *old, const char *next, const char *name)
{
	char from[4096], to[4096];
	snprintf(from, sizeof from, "%s/%s", current, old);
	snprintf(to, sizeof to, "%s/%s", next, name);
	return link(from, to) == 0 ? 0 : -errno;
}

/* The name under which the old directory waits for its removal. */
static void aside_path(const char *current, char path[4096])
{
	snprintf(path, 4096, "%s.old", current);
}

/* Some file systems cannot exchange two names: then there is a moment without `current`, which stage_recover mends. */
static int replace_in_steps(const char *next, const char *current)
{
	char aside[4096];
	aside_path(current, aside);
	stage_remove(aside);
	if (rename(current, aside) != 0)
		return -errno;
	if (rename(next, current) != 0) {
		int error = errno;
		if (rename(aside, current) != 0)
			return -errno;
		return -error;
	}
	stage_remove(aside);
	return 0;
}

static int replace(const char *next, const char *current)
{
	if (access(current, F_OK) != 0)
		return rename(next, current) == 0 ? 0 : -errno;
	if (renameat2(AT_FDCWD, next, AT_FDCWD, current, RENAME_EXCHANGE) == 0) {
		stage_remove(next);
		return 0;
	}
	return errno == EINVAL || errno == ENOSYS ? replace_in_steps(next, current) : -errno;
}

int stage_commit(const char *next, const char *current, struct why *why)
{
	int status = publish_sync(next, why);
	if (status != 0)
		return status;
	status = replace(next, current);
	if (status != 0)
		return why_set(why, status, "cannot put %s in its place: %s", next, error_text(status));
	/* What is not durable yet is the change of the name: a crash would bring back the old one, whole. */
	return publish_sync_parent(current, why) == 0 ? 0 : PUBLISH_UNCERTAIN;
}

void stage_recover(const char *current)
{
	char aside[4096];
	aside_path(current, aside);
	if (access(current, F_OK) == 0)
		stage_remove(aside);
	else
		rename(aside, current); /* if that fails it is tried again the next time */
}
