/* SPDX-License-Identifier: BSD-3-Clause */
/* What the unit tests share: cmocka, inputs that end at an unmapped page, tables made from a few rules, random numbers.
 */
#pragma once

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "libweir/build/build.h"
#include "libweir/errors.h"
#include "libweir/table.h"

/* A copy of the data whose last octet is the last of its page, with the next page unmapped: reading one octet too far
 * is a crash, also without a sanitizer. Freed with edge_free. */
uint8_t *edge_copy(const void *data, size_t length);
void edge_free(uint8_t *copy, size_t length);

/* Wire form of a text; fails the test if it is no name. Returns its length. */
size_t wire_of(const char *text, name_storage wire);

/* A rule in a test: "text" with scope, kind and source. */
struct rule_spec {
	const char *name;
	enum scope scope;
	enum rule_kind kind;
	struct source source;
};

/* A policy of three feeds (alpha, beta, gamma; gamma checks no targets) and three categories (malware: nxdomain,
 * phishing: refused, trial: log). */
extern const struct policy test_policy;

/* Builds a table file in memory. Returns malloc'ed octets. `base` may be NULL. */
uint8_t *table_octets_of(const struct rule_spec *rules, size_t count, const struct table *base, size_t *length);

/* The same of so many names that have little in common, each an exact rule: some 12 octets a name. */
uint8_t *table_octets_of_many(unsigned count, size_t *length);

/* Opens a table from octets; with *why filled in when it is refused. Returns the status of table_open_fd. */
int table_open_octets(struct table **table, const uint8_t *octets, size_t length, struct why *why);

/* Both; fails the test if the table does not open or does not verify. Of a policy of the test's own, and of test_policy. */
uint8_t *table_octets_of_policy(
	const struct policy *policy, const struct rule_spec *rules, size_t count, size_t *length);
struct table *table_of_policy(const struct policy *policy, const struct rule_spec *rules, size_t count);
struct table *table_of(const struct rule_spec *rules, size_t count);

/* Makes the checksums of a changed table file right again, where the lengths in its header allow. */
void reseal(uint8_t *octets, size_t length);

/* Makes an empty directory, whose path ends in six octets that are replaced, and removes it with all that is in it.
 * Return 0 or -1, as cmocka wants it. */
int directory_make(char *path);
int directory_remove(const char *path);

/* A directory that is there during one test: set-up and tear-down for cmocka_unit_test_setup_teardown, its path, the
 * path of a file in it (valid until the call after next), and a file with this text. all_closed is a tear-down as well,
 * which fails if the test has left a file open. */
extern char test_directory[];
int with_directory(void **state);
int without_directory(void **state);
int all_closed(void **state);
const char *in_directory(const char *name);

/* Changes one octet of a file in the directory after another, each `step`th, and calls `look` while it is changed. */
void damage_each_octet(const char *name, long step, void (*look)(void));
void write_text(const char *path, const char *text);

/* Random numbers that are the same in each run (xorshift64*); the seed is printed when a test fails by the caller. */
uint64_t random_next(uint64_t *state);
unsigned random_below(uint64_t *state, unsigned limit);
