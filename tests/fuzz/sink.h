/* SPDX-License-Identifier: BSD-3-Clause */
/* A sink for parsers: whatever they are given, only canonical names of two labels or more come out. */
#pragma once

#include <stdlib.h>

#include "feedsync/entries/sink.h"
#include "libweir/name.h"

static inline int take_canonical(void *context, const struct rule *rule)
{
	(void)context;
	struct name_labels labels;
	if (name_split(rule->wire, rule->length, &labels) != 0 || labels.count < 2)
		abort();
	for (size_t i = 0; i < rule->length; i++)
		if (rule->wire[i] >= 'A' && rule->wire[i] <= 'Z')
			abort();
	return 0;
}
