/* SPDX-License-Identifier: BSD-3-Clause */
/* All items that any output has ever told, so that an identifier means one thing in all of them: two outputs that list the
 * same name at the same time tell of the same item, and one that lists a name anew, which another output has withdrawn, tells
 * of another item. */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "feedsync/circle/item.h"
#include "feedsync/circle/output_state.h"
#include "libweir/attributes.h"

struct known_event {
	const char *category;
	char month[8];
	uint32_t part;
	enum tlp tlp;
	uint32_t count; /* of its items */
};

struct known_items {
	const struct item **list; /* sorted */
	size_t count;
	struct known_event *events; /* sorted by category, month, part */
	size_t event_count, event_room;
};

/* Puts the items of all outputs together; they are borrowed. Returns 0 or -ENOMEM. known_items_free in either case. */
must_check int known_items_make(struct known_items *known, const struct output_state *states, size_t count);
void known_items_free(struct known_items *known);

/* Lists an item anew, of which name, scope, category and marking are set: fills in listing, month, part and listed_at. An
 * item that other outputs tell now is the same one, unless `last`, the listing that this output has withdrawn (0 = none),
 * is not before it or its marking is another. The category is borrowed. Returns 0 or -ENOMEM. */
must_check int known_items_list(struct known_items *known, struct item *item, uint32_t last, uint64_t at);
