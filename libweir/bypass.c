/* SPDX-License-Identifier: BSD-3-Clause */
#include "libweir/bypass.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "libweir/errors.h"

/* Whether somebody who could not put a table there may have put this file there, in a sticky directory. */
static bool is_strangers(const struct stat *st, const char *table)
{
	char directory[4096];
	struct stat in, beside;
	const char *slash = strrchr(table, '/');
	snprintf(directory, sizeof directory, "%.*s", slash ? (int)(slash - table + 1) : 1, slash ? table : ".");
	if (stat(directory, &in) != 0)
		return true;
	bool tables = lstat(table, &beside) == 0 && beside.st_uid == st->st_uid;
	return (in.st_mode & S_ISVTX) && st->st_uid != 0 && st->st_uid != in.st_uid && !tables;
}

static int judge_file(const struct stat *st, const char *table, uint64_t now, struct why *why)
{
	int64_t ends = st->st_mtim.tv_sec, made = st->st_ctim.tv_sec, latest = BYPASS_MAX_S + BYPASS_SLACK_S;
	if (!S_ISREG(st->st_mode))
		return why_set(why, -EINVAL, "it is not a regular file");
	if (ends <= (int64_t)now)
		return 0;
	if (is_strangers(st, table))
		return why_set(why, -EPERM, "its owner, user %u, could not replace the table", st->st_uid);
	if (made > (int64_t)now + BYPASS_SLACK_S)
		return why_set(why, -EINVAL, "it was made while the clock was ahead; it must be made anew");
	if (ends > (int64_t)now + latest || ends > made + latest)
		return why_set(why, -EINVAL, "it ends more than %d hours after it began", BYPASS_MAX_S / 3600);
	return 1;
}

int bypass_find(struct bypass *bypass, const char *table, uint64_t now, struct why *why)
{
	char path[4096];
	struct stat st;
	*bypass = (struct bypass){0};
	if ((size_t)snprintf(path, sizeof path, "%s" BYPASS_SUFFIX, table) >= sizeof path)
		return why_set(why, -ENAMETOOLONG, "%s", error_text(-ENAMETOOLONG));
	if (lstat(path, &st) != 0)
		return errno == ENOENT || errno == ENOTDIR ? 0 : why_set(why, -errno, "%s", error_text(-errno));
	*bypass = (struct bypass){.until = st.st_mtim.tv_sec > 0 ? (uint64_t)st.st_mtim.tv_sec : 0,
		.device = st.st_dev,
		.inode = st.st_ino,
		.made = st.st_ctim,
		.ends = st.st_mtim};
	return judge_file(&st, table, now, why);
}

static bool same_instant(struct timespec a, struct timespec b)
{
	return a.tv_sec == b.tv_sec && a.tv_nsec == b.tv_nsec;
}

bool bypass_is_same(const struct bypass *a, const struct bypass *b)
{
	return a->device == b->device && a->inode == b->inode && same_instant(a->made, b->made) &&
	       same_instant(a->ends, b->ends);
}
