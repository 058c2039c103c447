/* SPDX-License-Identifier: BSD-3-Clause */
/* `feedsync probe RESOLVER...`: asks live resolvers for the self-test's name (self_test.h), as a client would, and
 * tells for each whether it blocks, and by which table. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "libweir/attributes.h"

/* What an answer says of the table behind it. */
struct probe_answer {
	bool blocks;
	uint32_t generation; /* its last 32 bits */
	uint32_t created;    /* seconds since 1970 */
	unsigned rcode;
};

/* Reads the answer to the question for the self-test's name. Returns whether it is a DNS message. */
must_check bool probe_read(struct probe_answer *answer, const uint8_t *packet, size_t length);
