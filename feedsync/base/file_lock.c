/* SPDX-License-Identifier: BSD-3-Clause */
#include "feedsync/base/file_lock.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/file.h>
#include <time.h>
#include <unistd.h>

#include "feedsync/base/clock.h"
#include "feedsync/base/log.h"
#include "feedsync/base/maxima.h"
#include "libweir/errors.h"

static int take_file_lock(int fd, int how, const char *path, uint64_t wait_ms, const char *told, struct why *why)
{
	const struct timespec pause = {.tv_nsec = 20000000};
	const uint64_t end = clock_ms() + wait_ms;
	while (flock(fd, how | LOCK_NB) != 0) {
		if (errno != EWOULDBLOCK && errno != EINTR)
			return why_set(why, -errno, "%.150s: %s", path, error_text(-errno));
		if (clock_ms() >= end)
			return why_set(why, -EWOULDBLOCK, "%.150s: another feedsync is at work here", path);
		if (told)
			log_info("%s", told);
		told = NULL;
		nanosleep(&pause, NULL);
	}
	return 0;
}

int file_lock(int fd, const char *path, uint64_t wait_ms, const char *told, struct why *why)
{
	return take_file_lock(fd, LOCK_EX, path, wait_ms, told, why);
}

int file_lock_shared(int fd, const char *path, uint64_t wait_ms, const char *told, struct why *why)
{
	return take_file_lock(fd, LOCK_SH, path, wait_ms, told, why);
}

int file_lock_open(const char *path, mode_t mode, const char *told, struct why *why)
{
	int fd = open(path, O_RDONLY | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK, mode);
	if (fd < 0)
		return why_set(why, -errno, "%.150s: %s", path, error_text(-errno));
	int status = file_lock(fd, path, LOCK_WAIT_S * UINT64_C(1000), told, why);
	if (status == 0)
		return fd;
	close(fd);
	return status;
}
