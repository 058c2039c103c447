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
