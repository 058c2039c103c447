/* SPDX-License-Identifier: BSD-3-Clause */
/* Answers of resolvers: read or refused, never a crash. */
#include <stdlib.h>

#include "fuzz.h"
#include "feedsync/commands/probe.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct probe_answer answer;
	if (!probe_read(&answer, data, size))
		return 0;
	if (answer.blocks && answer.rcode != 3)
		abort();
	return 0;
}
