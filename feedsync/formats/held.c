/* SPDX-License-Identifier: BSD-3-Clause */
#include "feedsync/formats/held.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "feedsync/base/maxima.h"
#include "feedsync/entries/normalise.h"
#include "feedsync/formats/parse.h"
#include "libweir/errors.h"

/* Makes room for `more` items of `size` behind `used` of them. Returns whether there is. */
static bool make_room(void **block, size_t used, size_t more, size_t *room, size_t size)
{
	size_t larger = *room > 0 ? *room : 256;
	while (larger - used < more)
		larger *= 2;
	void *moved = larger > *room ? realloc(*block, larger * size) : *block;
	if (!moved)
		return false;
	*block = moved;
	*room = larger;
	return true;
}

int held_add(struct held *held, const struct position *position, struct span name, enum scope scope, uint8_t sort)
{
	if (held->count >= MAX_HELD || held->used > UINT32_MAX)
		return -EFBIG;
	void *entry = held->entry, *text = held->text;
	bool fits = make_room(&entry, held->count, 1, &held->room, sizeof *held->entry);
	held->entry = entry;
	fits = fits && make_room(&text, held->used, name.length, &held->text_room, 1);
	held->text = text;
	if (!fits)
		return -ENOMEM;
	memcpy(held->text + held->used, name.text, name.length);
	uint32_t line = position->line < UINT32_MAX ? (uint32_t)position->line : UINT32_MAX;
	held->entry[held->count++] =
		(struct held_entry){line, (uint32_t)held->used, (uint16_t)name.length, (uint8_t)scope, sort};
	held->used += name.length;
	return 0;
}
_Static_assert(MAX_LINE <= UINT16_MAX, "a name of a line fits the length");

void held_free(struct held *held)
{
	free(held->entry);
	free(held->text);
	*held = (struct held){0};
}

struct span held_name(const struct held *held, const struct held_entry *entry)
{
	return (struct span){held->text + entry->text, entry->length};
}

bool held_key(struct span name, struct namekey *key)
{
	name_storage wire;
	enum reject reject;
	int length = normalise(name.text, name.length, wire, &reject);
	if (length > 0)
		namekey_of(key, wire, (size_t)length);
	return length > 0;
}

int held_error(const struct parse *parse, int status)
{
	if (status != -EFBIG)
		return status;
	return why_set(parse->why, -EBADMSG, "more than %d lines that can be judged only together", MAX_HELD);
}
