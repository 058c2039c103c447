/* SPDX-License-Identifier: BSD-3-Clause */
#include "plugin/core/image.h"

#include <errno.h>
#include <stddef.h>
#include <sys/stat.h>

#include "libweir/table.h"
#include "libweir/write_range.h"

int image_write(int fd, const struct table *table, uint64_t from, uint64_t length)
{
	uint8_t part[WEIR_LINE * 1024];
	uint64_t octets = table_octets(table), end = length < octets - from ? from + length : octets;
	int status = 0;
	for (uint64_t at = from; status == 0 && at < end; at += sizeof part) {
		size_t n = end - at < sizeof part ? (size_t)(end - at) : sizeof part;
		table_image(table, at, part, n);
		status = write_range(fd, at, part, n);
	}
	return status;
}

int image_date(int fd, uint64_t since)
{
	const struct timespec times[] = {{.tv_nsec = UTIME_NOW}, {.tv_sec = (time_t)since}};
	return futimens(fd, times) == 0 ? 0 : -errno;
}
