/* SPDX-License-Identifier: BSD-3-Clause */
/* Records with named fields (csv, json), and which of them count: those for which the feed's conditions hold, and which
 * were not seen too long ago. */
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

/* Hands a record to the sink, unless a condition does not hold or the record has expired: then it is rejected. A record
 * without a time, or with one that cannot be read, does not expire. Returns as value_take does. */
must_check int record_take(const struct parse *parse, const struct position *position, const struct record *record);
