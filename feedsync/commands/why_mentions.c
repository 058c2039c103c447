/* SPDX-License-Identifier: BSD-3-Clause */
/* Whether a text that no parser understood is about the name. */
#include <string.h>

#include "feedsync/commands/why_private.h"
#include "feedsync/entries/normalise.h"

static bool is_name_character(char c)
{
	return (c >= '0' && c <= '9') || ((c | 0x20) >= 'a' && (c | 0x20) <= 'z') || (c & 0x80) || c == '-' ||
	       c == '_' || c == '.';
}

/* Takes the next part of a text, of any syntax, that may be a name. Returns its length, 0 at the end. */
static size_t next_word(const char **text, const char *end, const char **word)
{
	while (*text < end && (!is_name_character(**text) || **text == '.'))
		++*text;
	*word = *text;
	while (*text < end && is_name_character(**text))
		++*text;
	return (size_t)(*text - *word);
}

bool text_mentions(const struct why_query *q, const char *text, size_t length)
{
	const char *end = text + length, *word;
	for (size_t n; (n = next_word(&text, end, &word)) > 0;) {
		name_storage wire;
		enum reject reject;
		bool above;
		int wire_length = n < NAME_MAX_TEXT && memchr(word, '.', n) ? normalise(word, n, wire, &reject) : -1;
		if (wire_length > 0 && covers_question(q, wire, (size_t)wire_length, &above))
			return true;
	}
	return false;
}
