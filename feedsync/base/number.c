/* SPDX-License-Identifier: BSD-3-Clause */
#include "feedsync/base/number.h"

#include <errno.h>
#include <stdlib.h>

uint64_t number_positive(const char *text)
{
	char *end;
	errno = 0;
	uint64_t number = text[0] >= '0' && text[0] <= '9' ? strtoull(text, &end, 10) : 0;
	return number > 0 && *end == '\0' && errno == 0 ? number : 0;
}

bool number_read(const char *text, size_t length, uint64_t *number)
{
	*number = 0;
	for (size_t i = 0; i < length; i++) {
		unsigned digit = (unsigned)(text[i] - '0');
		if (digit > 9 || *number > (UINT64_MAX - digit) / 10)
			return false;
		*number = *number * 10 + digit;
	}
	return length > 0;
}
