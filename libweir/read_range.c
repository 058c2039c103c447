/* SPDX-License-Identifier: BSD-3-Clause */
#include "libweir/read_range.h"

#include <errno.h>
#include <unistd.h>

#include "libweir/errors.h"

int read_range(int fd, uint64_t from, void *to, size_t length, struct why *why)
{
	for (size_t done = 0; done < length;) {
		ssize_t n = pread(fd, (uint8_t *)to + done, length - done, (off_t)(from + done));
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return why_set(why, -errno, "cannot read: %s", error_text(-errno));
		if (n == 0)
			return why_set(why, WEIR_EFORMAT, "file ends at octet %llu", (unsigned long long)(from + done));
		done += (size_t)n;
	}
	return 0;
}
