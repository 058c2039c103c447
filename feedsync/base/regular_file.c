/* SPDX-License-Identifier: BSD-3-Clause */
#include "feedsync/base/regular_file.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "libweir/errors.h"

/* Wraps an open file in a stream, if it is a regular one. */
static int wrap(FILE **in, int fd, struct why *why)
{
	struct stat st;
	if (fstat(fd, &st) != 0)
		return why_set(why, -errno, "%s", error_text(-errno));
	if (!S_ISREG(st.st_mode))
		return why_set(why, -EBADMSG, "not a regular file");
	*in = fdopen(fd, "r");
	return *in ? 0 : why_set(why, -errno, "%s", error_text(-errno));
}

int regular_file_open(FILE **in, const char *path, struct why *why)
{
	*in = NULL;
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY); /* opening a FIFO may wait */
	if (fd < 0)
		return why_set(why, -errno, "%s", error_text(-errno));
	int status = wrap(in, fd, why);
	if (status != 0)
		close(fd);
	return status;
}

FILE *regular_file_create(const char *path)
{
	unlink(path); /* if this fails, the next step fails and says why */
	int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
	FILE *out = fd >= 0 ? fdopen(fd, "w") : NULL;
	if (fd >= 0 && !out)
		close(fd);
	return out;
}

FILE *regular_file_append(const char *path, uint64_t most, uint64_t *length)
{
	struct stat st;
	int fd = open(path, O_WRONLY | O_APPEND | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
	bool stays = fd >= 0 && fstat(fd, &st) == 0 && S_ISREG(st.st_mode) && (uint64_t)st.st_size < most;
	FILE *out = stays ? fdopen(fd, "a") : NULL;
	*length = out ? (uint64_t)st.st_size : 0;
	if (fd >= 0 && !out)
		close(fd);
	return out ? out : regular_file_create(path);
}

int regular_file_line(const char *path, char *text, int room, struct why *why)
{
	FILE *in;
	struct why reason;
	text[0] = '\0';
	int status = regular_file_open(&in, path, &reason);
	if (status == 0 && !fgets(text, room, in) && ferror(in))
		status = why_set(&reason, -errno, "%s", error_text(-errno));
	if (in)
		fclose(in);
	return status == 0 ? 0 : why_set(why, status, "%s: %s", path, reason.text);
}
