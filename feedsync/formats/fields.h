/* SPDX-License-Identifier: BSD-3-Clause */
/* Which records count, in formats whose records have named fields (csv, json): the feed's conditions hold for them, and
 * they were not seen too long ago. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "feedsync/formats/parse.h"
#include "feedsync/formats/span.h"

/* One of the feed's conditions, "FIELD=VALUE". */
struct condition {
	const char *field; /* the name, not ended by a NUL */
	size_t field_length;
	const char *value;
};

/* Takes a condition apart; it points into the text. */
struct condition condition_of(const char *text);

/* Whether the text of the condition's field is the value that it wants, in any case. NULL: the record has no such
 * field. */
bool condition_holds(const struct condition *condition, const char *text);

/* What a record says, as the feed writes it. */
struct record {
	struct span value; /* of the field that holds the name */
	const char *seen;  /* when it was seen last; NULL where that is not told */
	bool counts;       /* all of the feed's conditions hold */
};

/* Hands a record to the sink, or says why not: a condition does not hold, or it has expired. A time that is not told, or
 * that nobody can read, is no reason to drop an entry. Returns as value_take does. */
must_check int record_take(const struct parse *parse, const struct place *place, const struct record *record);
