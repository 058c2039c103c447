/* SPDX-License-Identifier: BSD-3-Clause */
#include "feedsync/formats/uuid.h"

#include <ctype.h>

bool uuid_is_valid(const char *text)
{
	for (int i = 0; i < 36; i++) {
		bool dash = i == 8 || i == 13 || i == 18 || i == 23;
		if (dash ? text[i] != '-' : !isxdigit((unsigned char)text[i]))
			return false;
	}
	return text[36] == '\0';
}
