/* SPDX-License-Identifier: BSD-3-Clause */
/* Names from text and from the wire: what is accepted is valid, and makes the round trip. */
#include <stdlib.h>
#include <string.h>

#include "fuzz.h"
#include "feedsync/entries/normalise.h"
#include "libweir/name.h"

static void must(int condition)
{
	if (!condition)
		abort();
}

static void check(const uint8_t *wire, size_t length)
{
	struct name_labels labels;
	must(name_split(wire, length, &labels) == 0);
	char text[NAME_MAX_TEXT];
	size_t text_length = name_to_text(wire, length, text);
	name_storage again, lower;
	name_lower(lower, wire, length);
	must(name_from_text(text, text_length, again) == (int)length);
	must(memcmp(again, lower, length) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	name_storage wire;
	struct name_labels labels;
	int length = name_from_text((const char *)data, size, wire);
	if (length > 0)
		check(wire, (size_t)length);
	if (name_split(data, size, &labels) == 0)
		check(data, size);
	enum reject reject;
	length = normalise((const char *)data, size, wire, &reject);
	if (length > 0)
		check(wire, (size_t)length);
	return 0;
}
