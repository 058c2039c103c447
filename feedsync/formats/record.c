/* SPDX-License-Identifier: BSD-3-Clause */
#include "feedsync/formats/record.h"

#include <string.h>
#include <strings.h>

#include "feedsync/base/timestamp.h"
#include "feedsync/formats/value.h"

struct condition condition_of(const char *text)
{
	size_t length = strcspn(text, "=");
	return (struct condition){text, length, text + length + (text[length] ? 1 : 0)};
}

bool condition_holds(const struct condition *condition, const char *text)
{
	return text && strcasecmp(text, condition->value) == 0;
}

static bool is_out_of_date(const char *seen, const struct parse_options *options)
{
	uint64_t time;
	return seen && timestamp_read(seen, strlen(seen), &time) && parse_expired(options, time);
}

int record_take(const struct parse *parse, const struct position *position, const struct record *record)
{
	if (!record->counts)
		sink_reject(parse->sink, position, REJECT_CONDITION, record->value.text, record->value.length);
	else if (is_out_of_date(record->seen, parse->options))
		sink_reject(parse->sink, position, REJECT_EXPIRED, record->value.text, record->value.length);
	else
		return value_take(parse, position, record->value);
	return 0;
}
