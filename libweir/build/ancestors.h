/* SPDX-License-Identifier: BSD-3-Clause */
/* Marks: the keys of names that have a rule below them, so that a lookup knows when it may stop. */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "libweir/attributes.h"
#include "libweir/build/keyset.h"
#include "libweir/build/sort.h"

/* Adds the keys of all strict ancestors of two and more labels, and sorts the set. A record's text is a length octet
 * and that many characters at texts + record.text. Returns 0 or -ENOMEM. */
must_check int ancestors_of_rules(
	struct keyset *marks, const struct record *rules, size_t rule_count, const uint8_t *texts, uint64_t key);

/* Adds those of one canonical name. */
struct name_labels;
must_check int ancestors_of_name(
	struct keyset *marks, const uint8_t *wire, size_t length, const struct name_labels *labels, uint64_t key);
