/* SPDX-License-Identifier: BSD-3-Clause */
#include "feedsync/circle/rendered_file.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "feedsync/base/atomic_file.h"
#include "libweir/errors.h"

/* Makes the directories between `directory` and the file. */
static int make_parents(char *path, size_t begin)
{
	for (char *slash = strchr(path + begin, '/'); slash; slash = strchr(slash + 1, '/')) {
		*slash = '\0';
		int status = mkdir(path, MODE_DIRECTORY) == 0 || errno == EEXIST ? 0 : -errno;
		*slash = '/';
		if (status != 0)
			return status;
	}
	return 0;
}

int rendered_file_open(struct rendered_file *file, const char *directory, const char *name, struct why *why)
{
	file->out = NULL;
	int length = snprintf(file->path, sizeof file->path, "%s/%s", directory, name);
	if (length < 0 || (size_t)length >= sizeof file->path)
		return why_set(why, -ENAMETOOLONG, "%.150s: %s", directory, error_text(-ENAMETOOLONG));
	int status = make_parents(file->path, strlen(directory) + 1);
	int fd =
		status != 0 ? -1 : open(file->path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, MODE_PRIVATE);
	if (status == 0 && fd < 0)
		status = -errno;
	file->out = fd < 0 ? NULL : fdopen(fd, "w");
	if (fd >= 0 && !file->out) {
		status = -errno;
		close(fd);
	}
	return status == 0 ? 0 : why_set(why, status, "%.150s: %s", file->path, error_text(status));
}

int rendered_file_close(struct rendered_file *file, uint64_t at, struct why *why)
{
	const struct timespec times[] = {{.tv_sec = (time_t)at}, {.tv_sec = (time_t)at}};
	int status = 0, fd = fileno(file->out);
	if (ferror(file->out) || fflush(file->out) != 0)
		status = errno ? -errno : -EIO;
	else if (fchmod(fd, MODE_PRIVATE) != 0 || futimens(fd, times) != 0 || fsync(fd) != 0)
		status = -errno;
	if (fclose(file->out) != 0 && status == 0)
		status = -errno;
	file->out = NULL;
	return status == 0 ? 0 : why_set(why, status, "%.150s: %s", file->path, error_text(status));
}
