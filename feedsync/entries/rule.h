/* SPDX-License-Identifier: BSD-3-Clause */
/* A rule, as it goes from a feed's document to a table. */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "libweir/policy.h"

struct rule {
	const uint8_t *wire; /* the name: canonical (normalise.h); valid until the callee returns */
	size_t length;
	enum scope scope;
	enum rule_kind kind; /* BLOCK, or EXCEPT: an exception that the feed itself makes */
};

/* How many labels the rule's name has, the root not counted. */
static inline unsigned rule_labels(const struct rule *rule)
{
	unsigned count = 0;
	for (const uint8_t *label = rule->wire; *label > 0; label += *label + 1u)
		count++;
	return count;
}
