/* SPDX-License-Identifier: BSD-3-Clause */
/* Folds the rules that the feeds gave into one class for each name that a table needs. */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "libweir/attributes.h"
#include "libweir/build/sort.h"
#include "libweir/build/verdicts.h"
#include "libweir/policy.h"

/* A rule's scope, kind and source in the `meta` of a record. The source is feed * categories + category. */
#define META(source, kind, scope) ((uint32_t)(source) << 4 | (uint32_t)(kind) << 2 | (uint32_t)(scope))
#define META_SCOPE(meta) ((enum scope)((meta)&3))
#define META_KIND(meta) ((enum rule_kind)((meta) >> 2 & 3))
#define META_SOURCE(meta) ((meta) >> 4)

struct fold {
	/* given */
	struct record *records; /* sorted by key, then text, then meta; the first of each name gets its class */
	size_t count;
	const uint8_t *texts; /* a record's text is a length octet and that many characters */
	struct policy policy; /* feeds and categories */
	uint64_t key;
	unsigned least;            /* labels of the shortest name that can be a node: 2, or 1 (format.h) */
	const struct policy *base; /* of the table that this one will replace, or NULL: its class numbers are kept */
	/* found */
	struct verdicts *verdicts; /* owns the policy's verdicts and classes, which are filled in */
	size_t rules;              /* records that remain: .meta holds the class */
	uint64_t folded;           /* (name, scope) pairs that say nothing new */
};

/* Folds. Afterwards records[0..rules) are what the table holds, sorted, and .meta is their class. Returns 0, -ENOMEM, or
 * WEIR_ELIMIT (more different verdicts than a policy holds); after a failure the records are useless. The caller frees
 * the verdicts in each case. */
must_check int fold_rules(struct fold *fold);
