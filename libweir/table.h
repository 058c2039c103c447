/* SPDX-License-Identifier: BSD-3-Clause */
/* A table, opened: the whole policy in memory, immutable.
 *
 * Opening reads the file once into anonymous memory, so that nobody who writes to it later can change what the checksum
 * covered or make a read fault, verifies checksums, and checks every length and number in it; the memory is read-only
 * from then on. After that a lookup cannot fail, allocates nothing, takes no lock, writes nothing and sets no errno. A
 * table may be used by any number of threads; table_close must come after the last of them.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "libweir/attributes.h"
#include "libweir/format.h"
#include "libweir/name.h"
#include "libweir/policy.h"

struct table;
struct symbols;
struct why;

/* Opens the table file at `path`. Returns 0 and a table that the caller closes, or NULL and -errno, WEIR_EFORMAT,
 * WEIR_EVERSION with the reason in `why`. Refuses what is not a regular file. */
must_check int table_open(struct table **table, const char *path, struct why *why);

/* The same for a file descriptor, read from its start and left open. */
must_check int table_open_fd(struct table **table, int fd, struct why *why);

/* Frees the table and sets the caller's pointer to NULL; NULL is fine. */
void table_close(struct table **table);

/* What a lookup found: the deepest rule on the way from the root to the name. Its verdict already unites all rules that
 * cover the name (policy.h). */
struct match {
	uint32_t verdict; /* index into the policy's verdicts, 0 = no rule covers the name */
	/* only where a rule was found: */
	enum scope scope;    /* of that rule */
	uint8_t rule_offset; /* octets into the query name at which the rule's name begins */
	uint64_t key;        /* keyed hash of the rule's name (format.h) */
};

/* Looks up a wire-format name of `length` octets, letters of any case. A malformed name, a single label and the root
 * match nothing. Returns whether a rule was found; sets the verdict of `match` either way. */
bool table_lookup(const struct table *table, const uint8_t *qname, size_t length, struct match *match);

/* Calls the memory that a lookup of this name begins with into the processor's cache, without waiting for it: who has many
 * names to look up calls for all of them first. */
void table_prefetch(const struct table *table, const uint8_t *qname, size_t length);

/* What the table decides for a canonical wire name (SCOPE_EXACT), or for the names below it that have no rule of their own
 * (SCOPE_SUBTREE). Returns NULL if it decides nothing. `own`: whether a rule of this very name and scope decides. */
const struct verdict *table_verdict(
	const struct table *table, const uint8_t *wire, size_t length, enum scope scope, bool *own);

/* Whether there may be rules below a name, which is given as to table_lookup. The index keeps only part of a name's hash:
 * the answer is true now and then where there are none, and never false where there are some. */
bool table_lists_below(const struct table *table, const uint8_t *qname, size_t length);

const struct weir_header *table_header(const struct table *table);
const struct policy *table_policy(const struct table *table);
const struct symbols *table_symbols(const struct table *table);

/* Octets of the file, which are also what the table holds in memory (but for the decoded policy). */
uint64_t table_octets(const struct table *table);

/* Copies octets of the file that the table was opened from, whatever has become of that file since: `length` of them,
 * from `from` on. Both are multiples of WEIR_LINE, unless the length reaches to the end. */
void table_image(const struct table *table, uint64_t from, uint8_t *to, size_t length);

/* One rule as stored. */
struct table_rule {
	char text[NAME_MAX_WIRE + 1]; /* canonical text without escapes, NUL at `length` */
	size_t length;
	name_storage wire; /* the same name */
	size_t wire_length;
	struct name_labels labels; /* of that */
	uint32_t class;            /* index into the policy's classes */
	uint32_t line;             /* of the index */
	uint16_t tag;
};

/* Visits every rule in the order of the index until `visit` returns other than 0. Returns that, or 0 after the last, or
 * WEIR_EFORMAT for an entry that no rule may have (why tells its line): open does not decode names, since such a name can
 * only fail to match. */
int table_each(const struct table *table, int (*visit)(void *context, const struct table_rule *rule), void *context,
	struct why *why);

/* The same for the rules of those lines of the index that are not the same in the other table, octet for octet. These are few
 * where one table was made after the other. Where the two have another key, geometry or symbols, or there is no other, it is
 * every rule. What the numbers of classes mean is not compared. */
int table_each_unlike(const struct table *table, const struct table *other,
	int (*visit)(void *context, const struct table_rule *rule), void *context, struct why *why);

/* Whether the index has a tag for this key, and if it says that something is listed below. For verify. */
bool table_has_node(const struct table *table, uint64_t key, bool *more);
