/* SPDX-License-Identifier: BSD-3-Clause */
#include "feedsync/base/file_lock.h"

#include <errno.h>
#include <sys/file.h>
#include <time.h>

#include "feedsync/base/clock.h"
#include "feedsync/base/log.h"
#include "libweir/errors.h"

int file_lock(int fd, const char *path, uint64_t wait_ms, const char *told, struct why *why)
{
	const struct timespec pause = {.tv_nsec = 20000000};
	const uint64_t end = clock_ms() + wait_ms;
	while (flock(fd, LOCK_EX | LOCK_NB) != 0) {
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
