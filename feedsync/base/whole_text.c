/* SPDX-License-Identifier: BSD-3-Clause */
#include "feedsync/base/whole_text.h"

#include <errno.h>
#include <stdlib.h>

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
		return why_set(why, status, "more than %llu octets", (unsigned long long)max);
	return why_set(why, status, "cannot read all of it: %s", error_text(status));
}
