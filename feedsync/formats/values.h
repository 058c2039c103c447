/* What formats with fields share: which of them hold the name, which records count, and what a value is. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "formats.h"

/* Hands on one value: a name, or, where the feed's values are URLs, the host of one. A URL with a path speaks of one
 * page, perhaps among millions on its host: it is refused. Returns what the sink's take returned, or 0. */
must_check int take_value(struct sink *sink, const struct place *place, const char *text, size_t length,
	const struct parse_options *options);

/* One of the feed's conditions, "FIELD=VALUE": its field's name and the value wanted. */
struct condition {
	size_t field_length; /* of the text */
	const char *field, *value;
};

struct condition condition_of(const char *text);
