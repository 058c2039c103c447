/* SPDX-License-Identifier: BSD-3-Clause */
#include "feedsync/feeds/versions_lock.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <unistd.h>

#include "feedsync/base/atomic_file.h"
#include "feedsync/base/file_lock.h"
#include "feedsync/base/maxima.h"
#include "libweir/errors.h"

/* Opens the file and locks it: exclusively without waiting, or shared. `state`: the state directory, or a path that leads to it. */
static int take_versions_lock(const char *state, bool exclusive, struct why *why)
{
	char path[4096];
	snprintf(path, sizeof path, "%s/versions.lock", state);
	int fd = open(path, O_RDONLY | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK, MODE_PRIVATE);
	if (fd < 0)
		return why_set(why, -errno, "%.150s: %s", path, error_text(-errno));
	int status = exclusive ? file_lock(fd, path, 0, NULL, why)
			       : file_lock_shared(fd, path, LOCK_WAIT_S * UINT64_C(1000), NULL, why);
	if (status == 0)
		return fd;
	close(fd);
	return status;
}

int versions_lock_shared(const char *feed_directory, struct why *why)
{
	static int held = -1;
	char state[4096];
	snprintf(state, sizeof state, "%.4000s/../..", feed_directory);
	if (held < 0)
		held = take_versions_lock(state, false, why);
	return held < 0 ? held : 0;
}

int versions_lock_exclusive(const char *state, struct why *why)
{
	return take_versions_lock(state, true, why);
}
