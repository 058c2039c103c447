/* SPDX-License-Identifier: BSD-3-Clause */
#include "libweir/live/client_key_file.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "libweir/errors.h"

static int read_open_secret(uint8_t secret[CLIENT_SECRET], int fd, const char *path, struct why *why)
{
	struct stat st;
	if (fstat(fd, &st) != 0)
		return why_set(why, -errno, "%.150s: %s", path, error_text(-errno));
	if (!S_ISREG(st.st_mode) || st.st_size != CLIENT_SECRET)
		return why_set(why, -EBADMSG, "%.150s: not a file of %d octets", path, CLIENT_SECRET);
	if (st.st_mode & S_IRWXO)
		return why_set(why, -EACCES, "%.150s: its mode %04o lets others at it (chmod 640)", path,
			(unsigned)st.st_mode & 07777);
	if (pread(fd, secret, CLIENT_SECRET, 0) != CLIENT_SECRET)
		return why_set(why, -EIO, "%.150s: it cannot be read", path);
	return 0;
}

int client_secret_read(uint8_t secret[CLIENT_SECRET], const char *path, struct why *why)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOFOLLOW);
	if (fd < 0)
		return why_set(why, -errno, "%.150s: %s", path, error_text(-errno));
	int status = read_open_secret(secret, fd, path, why);
	close(fd);
	return status;
}
