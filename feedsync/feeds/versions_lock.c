/* SPDX-License-Identifier: BSD-3-Clause */
#include "feedsync/feeds/versions_lock.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/file.h>
#include <unistd.h>

#include "feedsync/base/atomic_file.h"
#include "libweir/errors.h"

static int open_lock(const char *directory, const char *below, struct why *why)
{
	char path[4096];
	snprintf(path, sizeof path, "%s%s/gate", directory, below);
	int fd = open(path, O_RDONLY | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK, MODE_PRIVATE);
	return fd >= 0 ? fd : why_set(why, -errno, "%s: %s", path, error_text(-errno));
}

static int take_flock(int fd, int how, struct why *why)
{
	while (flock(fd, how) != 0) {
		int status = -errno;
		if (status == -EINTR)
			continue;
		close(fd);
		return why_set(why, status, "gate: %s", error_text(status));
	}
	return fd;
}

int versions_lock_shared(const char *feed_directory, struct why *why)
{
	static int held = -1;
	if (held < 0) {
		int fd = open_lock(feed_directory, "/../..", why);
		held = fd < 0 ? fd : take_flock(fd, LOCK_SH, why);
	}
	return held < 0 ? held : 0;
}

int versions_lock_exclusive(const char *state, struct why *why)
{
	int fd = open_lock(state, "", why);
	return fd < 0 ? fd : take_flock(fd, LOCK_EX | LOCK_NB, why);
}
