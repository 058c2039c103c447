/* SPDX-License-Identifier: BSD-3-Clause */
/* A set of names that tells what in it is at, above or below another name.
 *
 * A name is kept as its *key*: its labels from the right, each ended by a dot ("com.example.www."). So the key of
 * a name begins with those of all names above it, and in the sorted set all that lies below a name stands in one
 * row behind its place: each question is one binary search. As most names that are asked for are not there and
 * have nothing below them, a filter that knows all keys and what they begin with answers first. Filled first, then
 * sorted, then asked; a zeroed set is empty. */
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

/* The key of a canonical wire name, not the root, of plain octets (name.h). */
void namekey_of(struct namekey *key, const uint8_t *wire, size_t length);

/* The text of the name that an entry stands for. Returns its length. */
size_t nameset_text(const struct nameset *set, const struct nameset_entry *entry, char text[NAME_MAX_WIRE + 1]);

/* Adds a name. Returns 0 or -ENOMEM. */
must_check int nameset_add(struct nameset *set, const struct namekey *key, uint32_t mark);

/* Sorts. Of a name added twice the entry with the lowest mark stays. */
void nameset_sort(struct nameset *set);
void nameset_free(struct nameset *set);

/* Questions of a sorted set; each returns the entry or NULL. At: the name itself. Below: the name itself, or the
 * first one below it. Above: the name itself, or the one nearest above it. */
const struct nameset_entry *nameset_at(const struct nameset *set, const struct namekey *key);
const struct nameset_entry *nameset_below(const struct nameset *set, const struct namekey *key);
const struct nameset_entry *nameset_above(const struct nameset *set, const struct namekey *key);

/* Takes the last label off a key. Returns whether one is left. */
bool namekey_up(struct namekey *key);
