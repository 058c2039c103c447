/* SPDX-License-Identifier: BSD-3-Clause */
/* Compressed documents: to the end, or an error with its reason. Of what grows, the first megabytes. */
#include <stdio.h>
#include <stdlib.h>

#include "libweir/errors.h"
#include "fuzz.h"
#include "feedsync/unpack/unpack.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static char piece[1 << 16];
	struct why damage;
	FILE *in = size > 0 ? fmemopen((void *)data, size, "r") : fopen("/dev/null", "r");
	FILE *plain = unpack_open(in, &damage);
	if (!plain)
		abort();
	for (unsigned i = 0; i < 64 && fread(piece, 1, sizeof piece, plain) == sizeof piece; i++)
		continue;
	if ((ferror(plain) != 0) != (damage.text[0] != '\0'))
		abort();
	fclose(plain);
	fclose(in);
	return 0;
}
