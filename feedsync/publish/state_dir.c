/* SPDX-License-Identifier: BSD-3-Clause */
#include "feedsync/publish/state_dir.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include "feedsync/base/atomic_file.h"
#include "feedsync/base/file_lock.h"
#include "feedsync/base/json.h"
#include "feedsync/base/log.h"
#include "feedsync/base/regular_file.h"
#include "libweir/errors.h"

/* A process that only looks whether there is a lock holds it for a moment. */
enum { STATE_LOCK_WAIT_MS = 500, RECORD_SIZE = 4096 };

/* ---- lock ---- */

/* Whether two descriptors are of the same file. */
static bool is_same_file_open(int a, int b)
{
	struct stat x, y;
	return fstat(a, &x) == 0 && fstat(b, &y) == 0 && x.st_dev == y.st_dev && x.st_ino == y.st_ino;
}

int state_dir_lock(const char *state, int held, struct why *why)
{
	char path[4096];
	snprintf(path, sizeof path, "%s/lock", state);
	int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, MODE_PRIVATE);
	if (fd < 0)
		return why_set(why, -errno, "%.150s: %s", path, error_text(-errno));
	if (held >= 0 && is_same_file_open(fd, held)) {
		close(fd);
		fd = fcntl(held, F_DUPFD_CLOEXEC, 0);
		return fd >= 0 ? fd : why_set(why, -errno, "%.150s: %s", path, error_text(-errno));
	}
	int status = file_lock(fd, path, STATE_LOCK_WAIT_MS, NULL, why);
	if (status == 0)
		return fd;
	close(fd);
	return status;
}

bool state_dir_is_locked(const char *state)
{
	char path[4096];
	snprintf(path, sizeof path, "%s/lock", state);
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
	bool locked = fd >= 0 && flock(fd, LOCK_SH | LOCK_NB) != 0;
	if (fd >= 0)
		close(fd);
	return locked;
}

/* ---- records ---- */

int state_dir_read_document(const char *state, const char *file, uint64_t max, struct node **record, struct why *why)
{
	char path[4096];
	struct stat st;
	struct why reason;
	*record = NULL;
	snprintf(path, sizeof path, "%s/%s", state, file);
	if (lstat(path, &st) != 0)
		return why_set(why, -errno, "%.150s: %s", path, error_text(-errno));
	int status = json_load(record, path, max, &reason);
	if (status == 0)
		return 0;
	/* A link that leads nowhere exists, so it is not simply missing. */
	return why_set(why, status == -ENOENT ? -EBADMSG : status, "%.150s: %.100s", path, reason.text);
}

int state_dir_read_record(const char *state, const char *file, struct node **record, struct why *why)
{
	return state_dir_read_document(state, file, RECORD_SIZE, record, why);
}

/* ---- key ---- */

int state_dir_fresh_key(uint64_t *key)
{
	return getrandom(key, sizeof *key, 0) == sizeof *key ? 0 : -errno;
}

int state_dir_keep_key(const char *state, uint64_t key, struct why *why)
{
	char path[4096], text[32];
	snprintf(path, sizeof path, "%s/key", state);
	int length = snprintf(text, sizeof text, "%016llx\n", (unsigned long long)key);
	int status = atomic_file_write(path, MODE_SECRET, text, (size_t)length, why);
	return status < 0 ? status : 0;
}

static int make_key(const char *state, uint64_t *key, struct why *why)
{
	int status = state_dir_fresh_key(key);
	return status == 0 ? state_dir_keep_key(state, *key, why)
			   : why_set(why, status, "%s/key: %s", state, error_text(status));
}

int state_dir_key(const char *state, uint64_t *key, struct why *why)
{
	char path[4096], text[32], *end;
	snprintf(path, sizeof path, "%s/key", state);
	int status = regular_file_line(path, text, sizeof text, why);
	if (status == -ENOENT)
		return make_key(state, key, why);
	if (status != 0)
		return status;
	*key = strtoull(text, &end, 16);
	if (end == text + 16)
		return 0;
	log_warning("%s: not 16 hexadecimal digits; a new one is made", path);
	return make_key(state, key, why);
}
