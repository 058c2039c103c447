/* SPDX-License-Identifier: BSD-3-Clause */
#include "feedsync/circle/circle_lock.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include "feedsync/base/atomic_file.h"
#include "feedsync/base/file_lock.h"
#include "feedsync/base/maxima.h"
#include "libweir/errors.h"

int circle_lock(const char *state, const char *directory, const char *doing, struct why *why)
{
	char path[4096];
	snprintf(path, sizeof path, "%s/%s", state, directory);
	int status = directory_create(path);
	if (status != 0)
		return why_set(why, status, "%.150s: %s", path, error_text(status));
	snprintf(path, sizeof path, "%s/%s/lock", state, directory);
	int fd = open(path, O_RDONLY | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK, MODE_PRIVATE);
	if (fd < 0)
		return why_set(why, -errno, "%.150s: %s", path, error_text(-errno));
	char waiting[128];
	snprintf(waiting, sizeof waiting, "another feedsync is %s; waiting for it to end", doing);
	status = file_lock(fd, path, LOCK_WAIT_S * UINT64_C(1000), waiting, why);
	if (status == 0)
		return fd;
	close(fd);
	return status;
}
