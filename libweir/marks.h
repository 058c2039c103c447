/* Marks: the keys of names that have a rule below them, so that a lookup knows when it may stop. */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "attributes.h"
#include "sort.h"

/* Finds the keys of all strict ancestors of two and more labels, sorted, each once. A record's text is a length octet
 * and that many characters at texts + record.text. The caller frees *marks. Returns 0 or -ENOMEM. */
must_check int marks_find(uint64_t **marks, size_t *count, const struct record *rules, size_t rule_count,
	const uint8_t *texts, uint64_t key);
