/* SPDX-License-Identifier: BSD-3-Clause */
/* What formats with values share: which records count, and what a value says. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "feedsync/formats/registry.h"

/* Hands on one value: a name, perhaps behind "*."; or, where the feed's values are URLs, the host of one. A URL with a
 * path speaks of one page, perhaps among millions on its host: it is refused unless the feed's settings take it.
 * Returns what the sink's take returned, 0, or -ENOMEM. */
must_check int take_value(struct sink *sink, const struct place *place, const char *text, size_t length,
	const struct parse_options *options);

/* Undoes in place what is done to names and URLs so that nobody follows them by mistake: "hxxp" at the start, and
 * "[.]", "(.)", "{.}", "[dot]" and the like, "[:]", "[://]", "[@]" anywhere. Returns the new length, never a larger
 * one. */
size_t refang(char *text, size_t length);

/* One of the feed's conditions, "FIELD=VALUE": its field's name and the value wanted. */
struct condition {
	size_t field_length; /* of the text */
	const char *field, *value;
};

struct condition condition_of(const char *text);
