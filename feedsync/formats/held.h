/* SPDX-License-Identifier: BSD-3-Clause */
/* Entries of a list that can be judged only when the whole list is known, since later lines may say more of them. They
 * are held in the order in which they came; a zeroed list holds none. One thread. */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "feedsync/entries/nameset.h"
#include "feedsync/entries/rule.h"
#include "feedsync/formats/span.h"
#include "libweir/attributes.h"

struct parse;
struct position;

struct held_entry {
	uint32_t line;
	uint32_t text; /* of the name, in held.text */
	uint16_t length;
	uint8_t scope; /* enum scope */
	uint8_t sort;  /* the caller's */
};

struct held {
	struct held_entry *entry;
	size_t count, room;
	char *text;
	size_t used, text_room;
};

/* Adds an entry. Returns 0, -ENOMEM, or -EFBIG: more than MAX_HELD, or 4 GB (held_error says so). */
must_check int held_add(
	struct held *held, const struct position *position, struct span name, enum scope scope, uint8_t sort);
void held_free(struct held *held);

struct span held_name(const struct held *held, const struct held_entry *entry);

/* The key of a name as lists write it. Returns whether it is a name that a rule may have. */
must_check bool held_key(struct span name, struct namekey *key);

/* Gives the parse its reason if it ended since too much was held. Returns -EBADMSG then, else the status as it is. */
must_check int held_error(const struct parse *parse, int status);
