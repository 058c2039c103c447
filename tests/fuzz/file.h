/* For targets of what reads a file by its path: the octets as a file without a name, always the same one. */
#pragma once

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static inline const char *file_of(const uint8_t *data, size_t size)
{
	static char path[] = "/tmp/weir-fuzz-XXXXXX";
	static int fd = -1;
	if (fd < 0) {
		fd = mkstemp(path);
		if (fd < 0)
			abort();
		unlink(path);
		snprintf(path, sizeof path, "/dev/fd/%d", fd);
	}
	if (ftruncate(fd, 0) != 0 || pwrite(fd, data, size, 0) != (ssize_t)size)
		abort();
	return path;
}
