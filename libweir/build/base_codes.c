/* SPDX-License-Identifier: BSD-3-Clause */
#include "libweir/build/base_codes.h"

#include <string.h>

#include "libweir/hash.h"
#include "libweir/table_struct.h"

/* Goes to the next entry that decodes to a name. */
static void take_next(struct base_codes *c)
{
	const struct table *t = c->base;
	c->length = 0;
	while (c->length <= 0) {
		while (c->at == c->end && c->line < t->header.lines) {
			c->at = t->names + t->lines[c->line].names;
			c->end = t->names + t->lines[++c->line].names;
		}
		if (c->at == c->end)
			break;
		c->at = entry_read(&c->entry, c->at, c->end);
		if (!c->at)
			c->at = c->end; /* a damaged line has no more */
		else
			c->length = symbols_decode(&t->symbols, c->entry.code, c->entry.code_length, c->text);
	}
}

void base_codes_begin(struct base_codes *codes, const struct table *base)
{
	codes->base = base;
	codes->line = 0;
	codes->at = codes->end = NULL;
	codes->length = 0;
	if (base)
		take_next(codes);
}

/* Whether the base's present name comes before a key. One that is no name is left behind. */
static bool is_before(const struct base_codes *c, uint64_t key)
{
	name_storage wire;
	struct name_labels labels;
	if (!name_plain_valid(c->text, (size_t)c->length))
		return true;
	size_t length = name_from_plain(c->text, (size_t)c->length, wire, &labels);
	return name_key(wire, length, c->base->key) < key;
}

const uint8_t *base_codes_find(struct base_codes *codes, uint64_t key, const uint8_t *text, size_t *length)
{
	while (codes->length > 0) {
		if (codes->length == text[0] && memcmp(codes->text, text + 1, text[0]) == 0) {
			const uint8_t *code = codes->entry.code;
			*length = codes->entry.code_length;
			take_next(codes);
			return code;
		}
		if (!is_before(codes, key))
			return NULL;
		take_next(codes);
	}
	return NULL;
}
