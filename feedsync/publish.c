#include "publish.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "error.h"

/* The temporary name of /dir/name is /dir/.name.XXXXXX. */
static const char *base_of(const char *path)
{
	const char *slash = strrchr(path, '/');
	return slash ? slash + 1 : path;
}

static void directory_of(const char *path, char directory[4096])
{
	size_t length = (size_t)(base_of(path) - path);
	if (length == 0)
		snprintf(directory, 4096, ".");
	else
		snprintf(directory, 4096, "%.*s", (int)length, path);
}

/* Whether a file of the directory is a temporary one of ours for this base name. */
static bool is_leftover(const char *file, const char *base)
{
	size_t length = strlen(base);
	return file[0] == '.' && strncmp(file + 1, base, length) == 0 && file[1 + length] == '.' &&
	       strlen(file) == length + 8;
}

static void remove_leftovers(const char *path)
{
	char directory[4096];
	directory_of(path, directory);
	DIR *dir = opendir(directory);
	if (!dir)
		return;
	for (struct dirent *entry; (entry = readdir(dir));)
		if (is_leftover(entry->d_name, base_of(path)))
			unlinkat(dirfd(dir), entry->d_name, 0);
	closedir(dir);
}

int publish_begin(struct publish *publish, const char *path, struct why *why)
{
	int length = snprintf(publish->path, sizeof publish->path, "%s", path);
	int prefix = (int)(base_of(path) - path);
	int temporary =
		snprintf(publish->temporary, sizeof publish->temporary, "%.*s.%s.XXXXXX", prefix, path, base_of(path));
	if (length < 0 || temporary < 0 || (size_t)temporary >= sizeof publish->temporary)
		return why_set(why, -ENAMETOOLONG, "%s: path too long", path);
	remove_leftovers(path);
	publish->fd = mkostemp(publish->temporary, O_CLOEXEC);
	if (publish->fd < 0)
		return why_set(why, -errno, "cannot create %s: %s", publish->temporary, error_text(-errno));
	if (fchmod(publish->fd, 0644) != 0) {
		int status = -errno;
		publish_abort(publish);
		return why_set(why, status, "cannot set the mode of %s: %s", publish->temporary, error_text(status));
	}
	return 0;
}

static int sync_directory(const char *path)
{
	char directory[4096];
	directory_of(path, directory);
	int fd = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	int status = fsync(fd) == 0 ? 0 : -errno;
	close(fd);
	return status;
}

int publish_commit(struct publish *publish, struct why *why)
{
	if (fsync(publish->fd) != 0) {
		int status = -errno;
		publish_abort(publish);
		return why_set(why, status, "%s not committed: cannot sync: %s", publish->path, error_text(status));
	}
	int closed = close(publish->fd);
	publish->fd = -1;
	if (closed != 0 || rename(publish->temporary, publish->path) != 0) {
		int status = -errno;
		unlink(publish->temporary);
		return why_set(why, status, "%s not committed: %s", publish->path, error_text(status));
	}
	int status = sync_directory(publish->path);
	if (status != 0)
		return why_set(why, PUBLISH_UNCERTAIN,
			"%s committed, durability uncertain: cannot sync its directory: %s", publish->path,
			error_text(status));
	return 0;
}

void publish_abort(struct publish *publish)
{
	if (publish->fd >= 0)
		close(publish->fd);
	publish->fd = -1;
	unlink(publish->temporary);
}

int publish_text(const char *path, const char *text, size_t length, struct why *why)
{
	struct publish publish;
	int status = publish_begin(&publish, path, why);
	if (status != 0)
		return status;
	for (size_t done = 0; done < length;) {
		ssize_t n = write(publish.fd, text + done, length - done);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0) {
			status = -errno;
			publish_abort(&publish);
			return why_set(why, status, "cannot write %s: %s", path, error_text(status));
		}
		done += (size_t)n;
	}
	return publish_commit(&publish, why);
}
