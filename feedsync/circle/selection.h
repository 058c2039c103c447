/* SPDX-License-Identifier: BSD-3-Clause */
/* What an output shall tell now: of all that could be shared, what it takes, what the gate lets through, and what its
 * format can hold. Whatever else it would take is withheld, with the reason. */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "feedsync/circle/entries.h"
#include "feedsync/circle/item.h"
#include "feedsync/circle/rendering.h"
#include "libweir/attributes.h"

struct why;

/* A name with scope and category. Of the item only what entries tell is set: what identifies it is not. */
struct selected {
	struct item item;
	enum withheld withheld;
};

struct selection {
	struct selected *list; /* sorted by name, scope and category, each once */
	size_t count, live;    /* all, and those that are not withheld */
	uint64_t now;          /* that it holds for, by the clock */
	uint64_t withheld[WITHHELD_COUNT];
};

/* Selects. Of several entries for one name, scope and category those count that are not withheld: the item has the most
 * restrictive of their markings, and ends with the last of them. Texts are those of the entries. Returns 0; -ENODATA with
 * the reason where a feed that the output takes cannot be read now; or -ENOMEM. */
must_check int selection_make(struct selection *selection, const struct config *config, const struct output *output,
	const struct shared_entries *entries, struct why *why);
void selection_free(struct selection *selection);

/* Why the entry of an item is withheld; WITHHELD_NOT where there is none, or where it is not. */
enum withheld selection_find(const struct selection *selection, const struct item *item);
