/* SPDX-License-Identifier: BSD-3-Clause */
/* Preloaded (LD_PRELOAD) into a program, makes a read at an offset (pread) wait for as long as the file named by SLOW_READ
 * exists: a disk that hangs. */
#define _GNU_SOURCE
#include <stdlib.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <time.h>
#include <unistd.h>

/* NOLINTBEGIN(readability-inconsistent-declaration-parameter-name): the names in libc's headers are reserved */
ssize_t pread64(int fd, void *to, size_t length, off_t from)
{
	const char *path = getenv("SLOW_READ");
	const struct timespec pause = {.tv_nsec = 10000000};
	while (path && access(path, F_OK) == 0)
		nanosleep(&pause, NULL);
	return syscall(SYS_pread64, fd, to, length, from);
}

ssize_t pread(int fd, void *to, size_t length, off_t from)
{
	return pread64(fd, to, length, from);
}
/* NOLINTEND(readability-inconsistent-declaration-parameter-name) */
