/* SPDX-License-Identifier: BSD-3-Clause */
#include "feedsync/publish/rules_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "feedsync/base/atomic_file.h"
#include "feedsync/base/log.h"
#include "feedsync/base/maxima.h"
#include "libweir/build/build_file.h"

static const char *rules_path(const char *state, const char *ending, char path[4096])
{
	snprintf(path, 4096, "%s/rules%s", state, ending);
	return path;
}

void rules_file_begin(struct rules_file *file, const char *state)
{
	*file = (struct rules_file){.state = state, .fd = -1};
}

/* Whether the disk has room for the file, and for some more tables: it must never be the reason that a table cannot be
 * written. */
static bool has_room(const char *state, uint64_t octets)
{
	struct statvfs fs;
	return statvfs(state, &fs) != 0 || (uint64_t)fs.f_bavail * fs.f_frsize >= octets * KEPT_ROOM;
}

void rules_file_save(void *context, struct build *build)
{
	struct rules_file *file = context;
	char path[4096];
	rules_file_abort(file);
	rules_path(file->state, ".new", path);
	if (!has_room(file->state, build_file_octets(build))) {
		why_set(&file->why, -ENOSPC, "the disk has too little room for it");
		return;
	}
	unlink(path);
	file->fd = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, MODE_SECRET);
	int status = file->fd < 0 ? why_set(&file->why, -errno, "%s", error_text(-errno))
				  : build_save(build, file->fd, &file->why);
	if (status == 0)
		return;
	struct why why = file->why;
	rules_file_abort(file);
	file->why = why;
}

void rules_file_commit(struct rules_file *file, uint64_t body_sum)
{
	char from[4096], to[4096];
	rules_path(file->state, ".new", from);
	rules_path(file->state, "", to);
	int status = file->fd >= 0 ? build_file_set_table(file->fd, body_sum) : 0;
	if (status == 0 && file->fd >= 0 && rename(from, to) != 0)
		status = -errno;
	if (status != 0)
		why_set(&file->why, status, "%s", error_text(status));
	if (status != 0 || file->fd < 0)
		log_warning("%s: not saved: %s; `feedsync unallow` and `unblock` will need a whole sync", to,
			file->why.text);
	rules_file_abort(file);
}

void rules_file_abort(struct rules_file *file)
{
	char path[4096];
	if (file->fd < 0)
		return;
	close(file->fd);
	unlink(rules_path(file->state, ".new", path));
	rules_file_begin(file, file->state);
}

/* Opens the file as it stands, of this user. */
static int open_rules(const char *state, int flags, struct why *why)
{
	char path[4096];
	int fd = open(rules_path(state, "", path), flags | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
	return fd >= 0 ? fd : why_set(why, -errno, "%.150s: %s", path, error_text(-errno));
}

int rules_file_load(struct build **build, const char *state, const struct table *table, struct why *why)
{
	struct why reason;
	int fd = open_rules(state, O_RDONLY, why);
	if (fd < 0)
		return fd;
	int status = build_load(build, fd, table, &reason);
	close(fd);
	return status == 0 ? 0 : why_set(why, status, "%.150s/rules: %.90s", state, reason.text);
}

void rules_file_follow(const char *state, uint64_t body_sum)
{
	struct why why;
	int fd = open_rules(state, O_WRONLY, &why);
	int status = fd < 0 ? fd : build_file_set_table(fd, body_sum);
	if (fd >= 0 && status != 0)
		why_set(&why, status, "%s", error_text(status));
	if (status != 0)
		log_warning("the rules file is of no use until the next sync: %s", why.text);
	if (fd >= 0)
		close(fd);
}
