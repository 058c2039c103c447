/* SPDX-License-Identifier: BSD-3-Clause */
/* A set of names. It tells which of its names is at, above or below another name.
 *
 * A name is kept as its *key*: its labels from the right, each ended by a dot ("com.example.www."). So the key of a
 * name begins with the keys of all names above it. In the sorted set everything below a name stands in one row behind
 * the place of that name. So each question is one binary search. Most names that are asked for are not in the set and
 * have nothing below them. A filter that knows all keys, and all beginnings of keys, answers those first. A set is
 * filled, then sorted, then asked. A zeroed set is empty. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "libweir/attributes.h"
#include "libweir/name.h"

struct namekey {
	char text[NAME_MAX_WIRE + 1];
	size_t length;
};

struct nameset_entry {
	uint32_t offset; /* of its key in the text */
	uint32_t mark;   /* the caller's */
};

struct nameset {
	char *text; /* keys, each ended by a NUL */
	size_t used, room;
	struct nameset_entry *entry;
	size_t count, entry_room;
	uint64_t *filter; /* NULL: none, so anything may be there */
	uint64_t filter_mask;
};

/* Makes the key of a canonical wire name that is not the root and has plain octets only (name.h). */
void namekey_of(struct namekey *key, const uint8_t *wire, size_t length);

/* Writes the name that an entry stands for as text. Returns its length. */
size_t nameset_text(const struct nameset *set, const struct nameset_entry *entry, char text[NAME_MAX_WIRE + 1]);

/* Adds a name. Returns 0 or -ENOMEM. */
must_check int nameset_add(struct nameset *set, const struct namekey *key, uint32_t mark);

/* Sorts the set. If a name was added twice, the entry with the lowest mark stays. */
void nameset_sort(struct nameset *set);
void nameset_free(struct nameset *set);

/* Questions to a sorted set. Each returns the entry or NULL. At: the name itself. Below: the name itself, or the first
 * name below it. Above: the name itself, or the nearest name above it. */
const struct nameset_entry *nameset_at(const struct nameset *set, const struct namekey *key);
const struct nameset_entry *nameset_below(const struct nameset *set, const struct namekey *key);
const struct nameset_entry *nameset_above(const struct nameset *set, const struct namekey *key);

/* Removes the last label from a key. Returns whether a label is left. */
bool namekey_up(struct namekey *key);
