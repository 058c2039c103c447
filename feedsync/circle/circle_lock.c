/* SPDX-License-Identifier: BSD-3-Clause */
#include "feedsync/circle/circle_lock.h"

#include <stdio.h>

#include "feedsync/base/atomic_file.h"
#include "feedsync/base/file_lock.h"
#include "libweir/errors.h"

int circle_lock(const char *state, const char *directory, const char *doing, struct why *why)
{
	char path[4096];
	snprintf(path, sizeof path, "%s/%s", state, directory);
	int status = directory_create(path);
	if (status != 0)
		return why_set(why, status, "%.150s: %s", path, error_text(status));
	char waiting[128];
	snprintf(path, sizeof path, "%s/%s/lock", state, directory);
	snprintf(waiting, sizeof waiting, "another feedsync is %s; waiting for it to end", doing);
	return file_lock_open(path, MODE_PRIVATE, waiting, why);
}
