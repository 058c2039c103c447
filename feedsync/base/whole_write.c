/* SPDX-License-Identifier: BSD-3-Clause */
#include "feedsync/base/whole_write.h"

#include <errno.h>
#include <unistd.h>

int whole_write(int fd, const void *octets, size_t length)
{
	const char *from = octets;
	while (length > 0) {
		ssize_t n = write(fd, from, length);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return n < 0 ? -errno : -EIO;
		from += n;
		length -= (size_t)n;
	}
	return 0;
}
