/* SPDX-License-Identifier: BSD-3-Clause */
#include "plugin/core/handover.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "plugin/core/image.h"

static const char variable[] = "WEIR_HANDOVER";

enum { SEALS = F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE };

/* Whether the descriptor is a sealed memory file. A number that belongs to something else, or that somebody set by
 * hand, is not one. */
static bool is_sealed(int fd)
{
	int seals = fcntl(fd, F_GET_SEALS);
	return seals >= 0 && (seals & SEALS) == SEALS;
}

int handover_take(void)
{
	const char *text = getenv(variable);
	char *end;
	if (!text)
		return -1;
	long fd = strtol(text, &end, 10);
	bool ours = end != text && *end == '\0' && fd >= 0 && fd <= INT_MAX && is_sealed((int)fd);
	unsetenv(variable);
	return ours ? (int)fd : -1;
}

int handover_leave(const struct table *table, uint64_t since)
{
	char text[16];
	int old = handover_take();
	if (old >= 0)
		close(old);
	int fd = memfd_create("weir", MFD_CLOEXEC | MFD_ALLOW_SEALING);
	if (fd < 0)
		return -errno;
	int status = image_write(fd, table, 0, UINT64_MAX);
	if (status == 0)
		status = image_date(fd, since);
	if (status == 0 && fcntl(fd, F_ADD_SEALS, SEALS) != 0)
		status = -errno;
	snprintf(text, sizeof text, "%d", fd);
	if (status == 0 && setenv(variable, text, 1) != 0)
		status = -errno;
	if (status != 0)
		close(fd);
	return status;
}
