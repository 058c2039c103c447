/* SPDX-License-Identifier: BSD-3-Clause */
/* Deltas between tables, and whole ones: the input as zstd frames that refer to a table which the reader has, and as frames that
 * refer to nothing. Whatever they say of themselves, nothing is written behind the length that is wanted. */
#include <stdlib.h>

#include "libweir/errors.h"
#include "feedsync/unpack/zstd_whole.h"
#include "fuzz.h"

enum { OLD = 4096, NEW = 5000 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct why why;
	uint8_t *old = malloc(OLD), *new = malloc(NEW);
	if (!old || !new)
		abort();
	for (unsigned i = 0; i < OLD; i++)
		old[i] = (uint8_t)(i * i >> 3);
	int as_delta = zstd_read_whole(new, NEW, data, size, old, OLD, &why);
	int as_whole = zstd_read_whole(new, NEW, data, size, NULL, 0, &why);
	if (as_whole == 0 && as_delta != 0)
		abort(); /* what refers to nothing is the same, whatever it might refer to */
	free(old);
	free(new);
	return 0;
}
