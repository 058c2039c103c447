/* SPDX-License-Identifier: BSD-3-Clause */
/* The builder: collects rules, unites and folds them, and writes a table file.
 *
 * What is written depends only on the set of rules, the policy, the key and the base: not on the order of build_add,
 * not on time or machine. One thread per builder. Memory: about 20 octets and the name's text per rule added, and the
 * index.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "libweir/attributes.h"
#include "libweir/build/options.h"
#include "libweir/name.h"
#include "libweir/policy.h"

struct build;
struct table;
struct why;

/* Key of tables that are compiled without a secret, so that the same input gives the same file everywhere. */
#define BUILD_PUBLIC_KEY UINT64_C(0x5745495257454952)

/* Starts a table. Uses the feeds, categories and groups of `policy`, and borrows them until build_free; policy.h limits
 * their counts. Returns NULL when out of memory. One thread at a time uses a build. */
must_check struct build *build_new(const struct policy *policy, uint64_t key);
void build_free(struct build **build);

/* Adds one rule: a canonical (lower-case) wire name of `length` octets, checked here. Adding a rule twice is the same
 * as once. RULE_CANCEL takes back the rules of its source for the name with its scope, but exceptions, whether they come
 * before or after it. `source` must be in range of the policy. Returns 0, -ENOMEM, WEIR_ELIMIT, WEIR_ENAME_SINGLE (the root; a
 * single label, but after build_take_single), WEIR_ENAME_OCTET (one that is not plain, name.h), WEIR_EFORMAT (no valid wire name). */
must_check int build_add(struct build *build, const uint8_t *wire, size_t length, enum scope scope, enum rule_kind kind,
	struct source source);

/* From now on names of a single label are taken as well. Without this no mistake can block a whole top-level domain. */
void build_take_single(struct build *build);

/* Tells how many rules have been added; takes back all but the first `count` of them. Both before build_save and
 * build_write. */
size_t build_count(const struct build *build);
void build_cut(struct build *build, size_t count);

struct build_result {
	uint32_t version;  /* of the table's format */
	uint64_t added;    /* calls of build_add that succeeded */
	uint64_t rules;    /* names that carry a rule in the table */
	uint64_t left_out; /* rules that were left out because their names crowd one line of the index (rehash.h) */
	uint64_t key;      /* of the table; not the builder's if the names did not fit with that */
	uint64_t folded;   /* (name, scope) pairs dropped because a rule above says the same */
	uint64_t octets;   /* of the file */
	uint64_t body_sum; /* checksum over everything but the header's generation and time: equal tables, equal sums */
};

/* Writes the table to `fd`, an empty regular file open for writing, and leaves it open, not synced. Uses the rules up:
 * afterwards only build_free is allowed. Returns 0, -errno, or WEIR_ELIMIT. */
must_check int build_write(
	struct build *build, int fd, const struct build_options *options, struct build_result *result, struct why *why);

/* The sum that build_result.body_sum has, of an opened table. */
uint64_t table_body_sum(const struct table *table);
