/* SPDX-License-Identifier: BSD-3-Clause */
#include "libweir/write_range.h"

#include <errno.h>
#include <unistd.h>

int write_range(int fd, uint64_t to, const void *octets, size_t length)
{
	for (size_t done = 0; done < length;) {
		ssize_t n = pwrite(fd, (const uint8_t *)octets + done, length - done, (off_t)(to + done));
		if (n > 0)
			done += (size_t)n;
		else if (n == 0)
			return -EIO;
		else if (errno != EINTR)
			return -errno;
	}
	return 0;
}
