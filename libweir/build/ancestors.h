/* SPDX-License-Identifier: BSD-3-Clause */
/* The keys of names that have a rule below them: by these a lookup knows when it may stop. Those of them that carry no
 * rule are the header's `marks` (format.h). */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "libweir/attributes.h"
#include "libweir/build/keyset.h"
#include "libweir/build/sort.h"

/* Adds the keys of all names of `least` labels or more that stand above a rule, and sorts the set. A record's text is a
 * length octet and that many characters at texts + record.text. Returns 0 or -ENOMEM. */
must_check int ancestors_of_rules(struct keyset *ancestors, const struct record *rules, size_t rule_count,
	const uint8_t *texts, uint64_t key, unsigned least);

struct name_labels;

/* Adds the ancestors of one canonical name. Returns 0 or -ENOMEM. */
must_check int ancestors_of_name(struct keyset *ancestors, const uint8_t *wire, size_t length,
	const struct name_labels *labels, uint64_t key, unsigned least);
