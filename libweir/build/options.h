/* SPDX-License-Identifier: BSD-3-Clause */
/* What a table is built with. */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "libweir/policy.h"

struct table;

struct build_options {
	uint64_t generation;
	uint64_t created;         /* seconds since 1970, 0 = do not tell */
	const struct table *base; /* the table this one will replace, or NULL: where it fits, its geometry and symbols
				     are kept, so that few octets differ. Its key must be this builder's. */
	/* Sets a key that nobody can know. Returns 0 or -errno. NULL: the next key follows from the last, so that the same
	 * input gives the same file. */
	int (*fresh_key)(uint64_t *key);
	/* Called for each rule that was left out, once for each of its sources; NULL: for none. */
	void (*left_out)(void *context, const char *name, size_t length, struct source source);
	void *context;
};
