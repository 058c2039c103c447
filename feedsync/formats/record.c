/* SPDX-License-Identifier: BSD-3-Clause */
#include "feedsync/formats/record.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "feedsync/base/timestamp.h"
#include "feedsync/formats/value.h"

/* ---- conditions ---- */

/* Reads a decimal number, perhaps with a sign and a fraction. */
static bool read_decimal(const char *text, double *number)
{
	char *end;
	text += strspn(text, " \t");
	size_t length = strspn(text, "+-.0123456789");
	*number = strtod(text, &end);
	return length > 0 && end == text + length && text[length + strspn(text + length, " \t")] == '\0';
}

const char *condition_read(struct condition *condition, const char *text)
{
	static const struct {
		const char *sign;
		enum comparison comparison;
	} signs[] = {{"!=", COMPARE_UNEQUAL}, {"<=", COMPARE_AT_MOST}, {">=", COMPARE_AT_LEAST}, {"=", COMPARE_EQUAL},
		{"<", COMPARE_LESS}, {">", COMPARE_MORE}};
	size_t at = strcspn(text, "=<>!"), sign = 0;
	while (text[at] == '!' && text[at + 1] != '=')
		at += 1 + strcspn(text + at + 1, "=<>!");
	*condition = (struct condition){.field = text, .field_length = at, .value = ""};
	if (!text[at])
		return "not a condition FIELD=VALUE, nor one with !=, <, >, <= or >=";
	while (strncmp(text + at, signs[sign].sign, strlen(signs[sign].sign)) != 0)
		sign++;
	condition->comparison = signs[sign].comparison;
	condition->value = text + at + strlen(signs[sign].sign);
	if (condition->comparison == COMPARE_EQUAL || condition->comparison == COMPARE_UNEQUAL)
		return NULL;
	condition->is_number = read_decimal(condition->value, &condition->number);
	if (condition->is_number || timestamp_read(condition->value, strlen(condition->value), &condition->time))
		return NULL;
	return "more and less can be asked for only of a number or a time";
}

static bool is_ordered(enum comparison comparison, bool less, bool equal)
{
	switch (comparison) {
	case COMPARE_LESS: return less;
	case COMPARE_AT_MOST: return less || equal;
	case COMPARE_MORE: return !less && !equal;
	case COMPARE_AT_LEAST: return !less;
	case COMPARE_EQUAL:
	case COMPARE_UNEQUAL: break;
	}
	return false;
}

bool condition_holds(const struct condition *condition, const char *text)
{
	if (!text)
		return false;
	if (condition->comparison == COMPARE_EQUAL || condition->comparison == COMPARE_UNEQUAL)
		return (strcasecmp(text, condition->value) == 0) == (condition->comparison == COMPARE_EQUAL);
	double number;
	uint64_t time;
	if (condition->is_number)
		return read_decimal(text, &number) &&
		       is_ordered(condition->comparison, number < condition->number,
			       !(number < condition->number) && !(number > condition->number));
	return timestamp_read(text, strlen(text), &time) &&
	       is_ordered(condition->comparison, time < condition->time, time == condition->time);
}

void conditions_read(struct conditions *conditions, const struct parse_options *options)
{
	conditions->count = options->where_count < MAX_CONDITIONS ? options->where_count : MAX_CONDITIONS;
	for (size_t i = 0; i < conditions->count; i++)
		condition_read(&conditions->condition[i], options->where[i]);
}

/* ---- records ---- */

static bool is_out_of_date(const char *seen, const struct parse_options *options)
{
	uint64_t time;
	return seen && timestamp_read(seen, strlen(seen), &time) && parse_expired(options, time);
}

/* The part up to what stands between names. */
static size_t first_part(struct span value)
{
	size_t length = 0;
	while (length < value.length && value.text[length] != ',' && value.text[length] != ';' &&
		value.text[length] != '\n')
		length++;
	return length;
}

/* Takes each of several names. A URL may hold what stands between names, and is taken as it is. */
static int take_values(const struct parse *parse, const struct position *position, struct span value)
{
	size_t length = parse->options->urls ? value.length : first_part(value);
	if (length == value.length)
		return value_take(parse, position, value);
	int status = 0;
	while (status == 0) {
		struct span part = span_trim((struct span){value.text, length});
		if (part.length > 0)
			status = value_take(parse, position, part);
		if (length == value.length)
			break;
		value = span_from(value, length + 1);
		length = first_part(value);
	}
	return status;
}

int record_take(const struct parse *parse, const struct position *position, const struct record *record)
{
	if (!record->counts)
		sink_reject(parse->sink, position, REJECT_CONDITION, record->value.text, record->value.length);
	else if (is_out_of_date(record->seen, parse->options))
		sink_reject(parse->sink, position, REJECT_EXPIRED, record->value.text, record->value.length);
	else
		return take_values(parse, position, record->value);
	return 0;
}
