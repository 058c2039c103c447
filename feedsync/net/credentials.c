/* SPDX-License-Identifier: BSD-3-Clause */
#include "feedsync/net/credentials.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "feedsync/base/secret_file.h"
#include "libweir/errors.h"

/* Reads the one line that the file holds. */
static int read_secret(int fd, const char *path, char line[MAX_SECRET + 1], struct why *why)
{
	char text[MAX_SECRET + 3]; /* a line end, and one octet to see that there is more */
	ssize_t length = read(fd, text, sizeof text);
	int status = 0;
	if (length < 0)
		status = why_set(why, -errno, "%.150s: %s", path, error_text(-errno));
	while (length > 0 && (text[length - 1] == '\n' || text[length - 1] == '\r'))
		length--;
	bool control = false;
	for (ssize_t i = 0; i < length; i++)
		control |= (unsigned char)text[i] < ' ' || text[i] == 0x7f;
	if (status == 0 && (length == 0 || length > MAX_SECRET || control))
		status = why_set(why, -EBADMSG, "%.150s: not one line of 1 to %d characters", path, MAX_SECRET);
	if (status == 0) {
		memcpy(line, text, (size_t)length);
		line[length] = '\0';
	}
	explicit_bzero(text, sizeof text);
	return status;
}

int credentials_load(
	struct credentials *access, enum credentials_kind kind, const char *user, const char *path, struct why *why)
{
	*access = (struct credentials){.kind = kind, .user = user};
	if (!path)
		return 0;
	/* Opening a FIFO would wait for ever. */
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	if (fd < 0)
		return why_set(why, -errno, "%.150s: %s", path, error_text(-errno));
	int status = secret_check_open(fd, path, why);
	if (status == 0)
		status = read_secret(fd, path, access->secret, why);
	close(fd);
	return status;
}

void credentials_forget(struct credentials *access)
{
	explicit_bzero(access, sizeof *access);
}
