/* SPDX-License-Identifier: BSD-3-Clause */
/* The operator's own lists, `allow` and `block` in the configuration: single names, each with a reason and an end, for the
 * night in which something must pass, or must not pass, at once. They are the rules of a feed named "operator", which is
 * always current. An allow item wins over every feed. The guard does not judge them, since each is a decision about a
 * single name; but nobody can block the operator's own infrastructure (operator_blocks_own). */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "feedsync/entries/marking.h"
#include "feedsync/entries/reserved_names.h"
#include "libweir/name.h"
#include "libweir/policy.h"

struct operator_item {
	name_storage wire;
	uint8_t length;
	enum scope scope;
	enum rule_kind kind;
	const char *reason, *author, *expires; /* as written; "" = not written */
	uint64_t expires_at;                   /* seconds since 1970; 0 = never */
	uint64_t
		at; /* when it was given by command (overrides.h), seconds since 1970; 0 = it stands in the configuration */
	bool has_category; /* else it has the category of its list */
	uint16_t category; /* index */
	bool share;        /* others may get it */
	bool report;       /* who lists the name is told that it is a mistake */
	enum tlp tlp;      /* TLP_NONE: that of each output */
};

struct operator_lists {
	struct operator_item *item; /* allow first */
	size_t count;
	struct source allow, block; /* of their rules in the policy */
};

struct compile_rule;
struct guard;
struct nameset;
struct node;

/* The word for the list that an item is of. */
const char *operator_list_of(const struct operator_item *item);

/* The number of the next item of a name, from this number on; lists->count if there is none. */
size_t operator_find(const struct operator_lists *lists, size_t from, const uint8_t *wire, size_t length);

/* Whether an item is a single label: a top-level domain. */
bool operator_is_single(const struct operator_item *item);

/* Whether an item has ended at a time, seconds since 1970. */
bool operator_expired(const struct operator_item *item, uint64_t now);

/* When the next item ends after a time, both seconds since 1970; 0 = none does. */
uint64_t operator_next_expiry(const struct operator_lists *lists, uint64_t now);

/* Whether an item blocks a name of the guard's list `own`, which nobody can. */
bool operator_blocks_own(const struct operator_item *item, const struct nameset *own);

/* Writes the rules of all items that have not ended into `rules`, which has room for all items; a block of a name of `own` is left
 * out: one by command may be older than that name's entry there. Returns how many. */
size_t operator_rules(
	const struct operator_lists *lists, const struct nameset *own, uint64_t now, struct compile_rule *rules);

/* Warns of each name that the operator blocks himself, though no feed may, with what that hits. */
void operator_warn_guarded(const struct operator_lists *lists, const struct guard *guard);

/* Prints a line for each item. */
void operator_print(const struct operator_lists *lists, uint64_t now);

/* Appends all items to a JSON list. */
void operator_append_json(struct node *list, const struct operator_lists *lists, uint64_t now);
