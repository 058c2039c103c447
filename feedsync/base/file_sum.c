/* SPDX-License-Identifier: BSD-3-Clause */
#include "feedsync/base/file_sum.h"

#include <errno.h>
#include <stdio.h>

#include "feedsync/base/regular_file.h"
#include "libweir/errors.h"
#include "libweir/hash.h"

int file_sum(const char *path, char sum[FILE_SUM], struct why *why)
{
	char buffer[65536];
	XXH3_state_t state;
	size_t n;
	FILE *in;
	sum[0] = '\0';
	int status = regular_file_open(&in, path, why);
	if (status != 0)
		return status;
	XXH3_64bits_reset(&state);
	errno = 0;
	while ((n = fread(buffer, 1, sizeof buffer, in)) > 0)
		XXH3_64bits_update(&state, buffer, n);
	status = ferror(in) ? -(errno ? errno : EIO) : 0;
	fclose(in);
	if (status != 0)
		return why_set(why, status, "%s", error_text(status));
	snprintf(sum, FILE_SUM, "%016llx", (unsigned long long)XXH3_64bits_digest(&state));
	return 0;
}

void text_sum(char sum[FILE_SUM], const char *text, size_t length)
{
	snprintf(sum, FILE_SUM, "%016llx", (unsigned long long)checksum(text, length));
}
