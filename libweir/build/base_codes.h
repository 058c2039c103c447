/* SPDX-License-Identifier: BSD-3-Clause */
/* What the base, the table that will be replaced, already has of the new table's names: their compressed forms. To find such
 * a code anew takes several times as long as to see that it is right.
 *
 * Both tables have their names in the order of the same keyed hash, so one walk beside the other finds each name that is in
 * both. A code is taken only where it decodes to the very name: so what the base holds is never trusted. */
#pragma once

#include <stdint.h>

#include "libweir/attributes.h"
#include "libweir/entry.h"
#include "libweir/name.h"
#include "libweir/symbols.h"
#include "libweir/table.h"

struct base_codes {
	/* private */
	const struct table *base; /* NULL: there is nothing to take */
	uint32_t line;            /* the next one */
	const uint8_t *at, *end;  /* what is unread of the present one */
	struct entry entry;
	uint8_t text[SYMBOL_TEXT_ROOM]; /* of the entry */
	int length;                     /* of that; not above 0: the base has no more */
};

/* Begins at the base's first name. The base has the key and the symbols of the new table; or it is NULL. */
void base_codes_begin(struct base_codes *codes, const struct table *base);

/* The code of a name, in the order of keys from call to call; NULL where the base has none. `text` is a length octet and that
 * many characters. The code is the base's. */
const uint8_t *base_codes_find(struct base_codes *codes, uint64_t key, const uint8_t *text, size_t *length);
