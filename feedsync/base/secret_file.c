/* SPDX-License-Identifier: BSD-3-Clause */
#include "feedsync/base/secret_file.h"

#include <errno.h>
#include <sys/stat.h>
#include <unistd.h>

#include "feedsync/base/act_as_owner.h"
#include "libweir/errors.h"

static int check_access_to(const struct stat *st, const char *path, struct why *why)
{
	if (!S_ISREG(st->st_mode))
		return why_set(why, -EPERM, "%.150s: not a regular file", path);
	if (st->st_uid != 0 && st->st_uid != owner_acting())
		return why_set(why, -EPERM, "%.150s: holds a secret, and belongs to user %u", path, st->st_uid);
	if (st->st_mode & (S_IWGRP | S_IRWXO))
		return why_set(why, -EPERM,
			"%.150s: holds a secret, and its mode %04o lets others at it (chmod 600, or 640)", path,
			(unsigned)st->st_mode & 07777);
	return 0;
}

int secret_check(const char *path, struct why *why)
{
	struct stat st;
	return stat(path, &st) == 0 ? check_access_to(&st, path, why)
				    : why_set(why, -errno, "%.150s: %s", path, error_text(-errno));
}

int secret_check_open(int fd, const char *path, struct why *why)
{
	struct stat st;
	return fstat(fd, &st) == 0 ? check_access_to(&st, path, why)
				   : why_set(why, -errno, "%.150s: %s", path, error_text(-errno));
}
