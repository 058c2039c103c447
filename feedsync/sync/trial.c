/* SPDX-License-Identifier: BSD-3-Clause */
#include "feedsync/sync/trial.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "feedsync/base/atomic_dir.h"
#include "feedsync/base/atomic_file.h"
#include "feedsync/base/maxima.h"
#include "feedsync/base/whole_write.h"
#include "feedsync/publish/archive.h"
#include "feedsync/publish/state_dir.h"
#include "libweir/errors.h"

#define PREFIX "trial-"
enum { MAX_DEPTH = 8, ONE_HOUR_S = 3600 };

/* What of the state directory itself says nothing to a sync. */
static bool is_left_out(const char *name)
{
	static const char *const names[] = {"lock", "publish.lock", "versions.lock", "control", "rules", "rules.new",
		"in-use.yaml", "made.json", "tables", "history.sqlite", "history.sqlite-journal"};
	for (unsigned i = 0; i < sizeof names / sizeof *names; i++)
		if (strcmp(name, names[i]) == 0)
			return true;
	return strncmp(name, PREFIX, sizeof PREFIX - 1) == 0;
}

static int copy_directory(const char *from, const char *to, unsigned depth, struct why *why);

/* Copies a small record, which may be written in place. */
static int copy_record(const char *from, const char *to)
{
	char octets[65536];
	int in = open(from, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK), status = in < 0 ? -errno : 0;
	int out = in < 0 ? -1 : open(to, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, MODE_SECRET);
	if (in >= 0 && out < 0)
		status = -errno;
	for (ssize_t n = 1; status == 0 && n > 0;) {
		n = read(in, octets, sizeof octets);
		status = n < 0 ? -errno : whole_write(out, octets, (size_t)n);
	}
	if (in >= 0)
		close(in);
	if (out >= 0)
		close(out);
	return status;
}

static int copy_entry(const char *from, const char *to, unsigned depth, struct why *why)
{
	struct stat st;
	int status = 0;
	if (lstat(from, &st) != 0)
		status = -errno;
	else if (S_ISDIR(st.st_mode) && depth < MAX_DEPTH)
		return mkdir(to, MODE_DIRECTORY) == 0 ? copy_directory(from, to, depth + 1, why)
						      : why_set(why, -errno, "%.150s: %s", to, error_text(-errno));
	else if (S_ISREG(st.st_mode) && depth == 0)
		status = copy_record(from, to);
	else if (S_ISREG(st.st_mode))
		status = link(from, to) == 0 ? 0 : -errno;
	status = status == -ENOENT ? 0 : status; /* `run` has just replaced it */
	return status == 0 ? 0 : why_set(why, status, "%.150s: %s", from, error_text(status));
}

static int copy_directory(const char *from, const char *to, unsigned depth, struct why *why)
{
	int status = 0;
	DIR *dir = opendir(from);
	if (!dir && errno == ENOENT && depth > 0)
		return 0; /* `run` has just replaced it */
	if (!dir)
		return why_set(why, -errno, "%.150s: %s", from, error_text(-errno));
	for (struct dirent *entry; status == 0 && (entry = readdir(dir));) {
		char below[4096], copy[4096];
		const char *name = entry->d_name;
		if (strcmp(name, ".") == 0 || strcmp(name, "..") == 0 || (depth == 0 && is_left_out(name)))
			continue;
		size_t room = sizeof below;
		if ((size_t)snprintf(below, room, "%s/%s", from, name) >= room ||
			(size_t)snprintf(copy, room, "%s/%s", to, name) >= room)
			status = why_set(why, -ENAMETOOLONG, "%.150s: %s", from, error_text(-ENAMETOOLONG));
		else
			status = copy_entry(below, copy, depth, why);
	}
	closedir(dir);
	return status;
}

/* Removes what trials have left that died long ago; one that is at work has a lock on its directory. */
static void remove_dead(const char *state)
{
	DIR *dir = opendir(state);
	for (struct dirent *entry; dir && (entry = readdir(dir));) {
		char path[4096];
		struct stat st;
		if (strncmp(entry->d_name, PREFIX, sizeof PREFIX - 1) != 0)
			continue;
		snprintf(path, sizeof path, "%s/%s", state, entry->d_name);
		if (stat(path, &st) == 0 && st.st_mtime + ONE_HOUR_S < time(NULL) && !state_dir_is_locked(path))
			atomic_dir_remove(path);
	}
	if (dir)
		closedir(dir);
}

/* Takes the published table, by another name of it where that can be; none is fine. */
static int take_published(const struct trial *trial, const char *table, struct why *why)
{
	if (linkat(AT_FDCWD, table, AT_FDCWD, trial->table, AT_SYMLINK_FOLLOW) == 0)
		return 0;
	int fd = open(table, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	if (fd < 0)
		return errno == ENOENT ? 0 : why_set(why, -errno, "%.150s: %s", table, error_text(-errno));
	int status = archive_copy(fd, trial->table, 0, 0, why);
	close(fd);
	/* A damaged table counts as none, as in a sync. */
	return status >= 0 || status == WEIR_EFORMAT || status == WEIR_EVERSION ? 0 : status;
}

int trial_begin(struct trial *trial, const struct config *config, struct why *why)
{
	int status = directory_create(config->state);
	if (status != 0)
		return why_set(why, status, "cannot create %.150s: %s", config->state, error_text(status));
	remove_dead(config->state);
	trial->config = *config;
	snprintf(trial->state, sizeof trial->state, "%.*s/" PREFIX "XXXXXX", MAX_STATE_PATH, config->state);
	if (!mkdtemp(trial->state))
		return why_set(why, -errno, "%.150s: %s", trial->state, error_text(-errno));
	snprintf(trial->table, sizeof trial->table, "%.*s/trial.weir", MAX_STATE_PATH + 16, trial->state);
	trial->config.state = trial->config.guard.state = trial->state;
	trial->config.table = trial->table;
	trial->config.run = NULL;
	status = copy_directory(config->state, trial->state, 0, why);
	if (status == 0)
		status = take_published(trial, config->table, why);
	if (status != 0)
		trial_end(trial);
	return status;
}

void trial_end(struct trial *trial)
{
	atomic_dir_remove(trial->state);
}
