/* SPDX-License-Identifier: BSD-3-Clause */
/* Times of feeds: what is read is a time that can be written and read again. */
#include <stdlib.h>
#include <string.h>

#include "fuzz.h"
#include "feedsync/base/timestamp.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	uint64_t time, again;
	char text[TIMESTAMP_ROOM];
	if (!timestamp_read((const char *)data, size, &time))
		return 0;
	timestamp_text(time, text);
	if (!timestamp_read(text, strlen(text), &again) || again != time)
		abort();
	return 0;
}
