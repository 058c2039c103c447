/* SPDX-License-Identifier: BSD-3-Clause */
#include "feedsync/base/whole_text.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "feedsync/base/regular_file.h"
#include "libweir/errors.h"

/* Fills the text, which grows. Returns 0 or -errno. */
static int fill_text(char **text, size_t *length, FILE *in, uint64_t max)
{
	size_t room = 0;
	do {
		room = room ? room * 2 : 1 << 16;
		char *grown = realloc(*text, room);
		if (!grown)
			return -ENOMEM;
		*text = grown;
		errno = 0;
		*length += fread(*text + *length, 1, room - *length, in);
		if (ferror(in))
			return -(errno ? errno : EIO);
	} while (*length == room && *length <= max);
	return *length > max ? -EFBIG : 0;
}

static int too_large(uint64_t max, struct why *why)
{
	return why_set(why, -EFBIG, "more than %llu octets", (unsigned long long)max);
}

int whole_text_read(char **text, size_t *length, FILE *in, uint64_t max, struct why *why)
{
	*text = NULL;
	*length = 0;
	int status = fill_text(text, length, in, max);
	if (status == 0)
		return 0;
	free(*text);
	*text = NULL;
	if (status == -ENOMEM)
		return why_set(why, status, "out of memory");
	if (status == -EFBIG)
		return too_large(max, why);
	return why_set(why, status, "cannot read all of it: %s", error_text(status));
}

int whole_text_load(char **text, size_t *length, const char *path, uint64_t max, struct why *why)
{
	struct stat st;
	FILE *in;
	*text = NULL;
	*length = 0;
	int status = regular_file_open(&in, path, why);
	if (status != 0)
		return status;
	if (fstat(fileno(in), &st) == 0 && (uint64_t)st.st_size > max)
		status = too_large(max, why);
	else
		status = whole_text_read(text, length, in, max, why);
	fclose(in);
	return status;
}
