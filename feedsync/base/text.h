/* SPDX-License-Identifier: BSD-3-Clause */
/* Questions about text that every reader of documents asks. Texts have a length; they need no NUL at their end. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

/* A space or a tab: what separates words in a line. */
static inline bool text_is_blank(char c)
{
	return c == ' ' || c == '\t';
}

static inline bool text_starts_with(const char *text, size_t length, const char *start)
{
	size_t wanted = strlen(start);
	return length >= wanted && memcmp(text, start, wanted) == 0;
}

/* Whether a document begins as UTF-16 does: with its mark, or with characters of ASCII in two octets, one of them NUL. */
static inline bool text_is_utf16(const char *text, size_t length)
{
	return text_starts_with(text, length, "\xff\xfe") || text_starts_with(text, length, "\xfe\xff") ||
	       (length >= 4 && !text[0] != !text[1] && !text[0] == !text[2] && !text[1] == !text[3]);
}

/* Writes a text in double quotes, as YAML and JSON read it; `room` is for twice its length and 3 octets. */
static inline void text_quote(const char *text, char *to, size_t room)
{
	size_t used = 0;
	to[used++] = '"';
	for (; *text && used + 3 < room; text++) {
		if (*text == '"' || *text == '\\')
			to[used++] = '\\';
		to[used++] = *text;
	}
	to[used++] = '"';
	to[used] = '\0';
}
