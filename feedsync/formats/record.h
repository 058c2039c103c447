/* SPDX-License-Identifier: BSD-3-Clause */
/* Records with named fields (csv, json), and which of them count: those for which the feed's conditions hold, and which
 * were not seen too long ago. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "feedsync/base/maxima.h"
#include "feedsync/formats/parse.h"
#include "feedsync/formats/span.h"

/* How a condition compares. */
enum comparison {
	COMPARE_EQUAL,
	COMPARE_UNEQUAL,
	COMPARE_LESS,
	COMPARE_MORE,
	COMPARE_AT_MOST,
	COMPARE_AT_LEAST,
};

/* One of the feed's conditions: "FIELD=VALUE", or with "!=", "<", ">", "<=" or ">=" for the "=". */
struct condition {
	const char *field; /* the name, not ended by a NUL */
	size_t field_length;
	enum comparison comparison;
	const char *value;
	/* of one that asks for more or less: the value is a number, or else a time */
	bool is_number;
	double number;
	uint64_t time;
};

/* Takes a condition apart; it points into the text. Returns NULL, or what is wrong with it, in words. */
const char *condition_read(struct condition *condition, const char *text);

/* Whether the text of the condition's field is what it wants. Texts are equal in any case of their letters; more and less
 * are so of two numbers, or of two times. NULL: the record has no such field, and no condition holds. */
bool condition_holds(const struct condition *condition, const char *text);

/* The conditions of a feed, taken apart. */
struct conditions {
	size_t count;
	struct condition condition[MAX_CONDITIONS];
};

void conditions_read(struct conditions *conditions, const struct parse_options *options);

/* What a record says, as the feed writes it. */
struct record {
	struct span
		value; /* of the field that holds the name, or several with commas, semicolons or line ends between */
	const char *seen; /* when it was seen last; NULL where that is not told */
	bool counts;      /* all of the feed's conditions hold */
};

/* Hands a record to the sink, unless a condition does not hold or the record has expired: then it is rejected. A record
 * without a time, or with one that cannot be read, does not expire. Returns as value_take does. */
must_check int record_take(const struct parse *parse, const struct position *position, const struct record *record);
