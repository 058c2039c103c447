/* SPDX-License-Identifier: BSD-3-Clause */
/* A part of a text: a line, or a word of one. Blanks are spaces and tabs. All functions are pure: any thread may call
 * them. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

/* Not ended by a NUL; the text belongs to somebody else. */
struct span {
	const char *text;
	size_t length;
};

/* Returns the span without the blanks at its ends. */
struct span span_trim(struct span span);

/* Returns what follows the first `octets` octets; there must be that many. */
struct span span_from(struct span span, size_t octets);

/* Returns the span without one dot at its start: lists write ".x" for x and what is below it. */
struct span span_without_dot(struct span name);

/* Returns the line up to its comment, trimmed: "#" at its start, or behind a blank and outside quotes, which are one of
 * these. */
struct span span_without_comment(struct span line, const char *quotes);

/* Whether all octets are such as names have, in any language, and there is one: nothing else can be meant. */
bool span_is_bare_name(struct span span);

/* Takes the first word, up to a blank, off the span. An empty word means that none is left. */
struct span span_word(struct span *span);

/* Whether the span is this text, in this case. */
bool span_is(struct span span, const char *text);

/* Whether the span begins with this text, in this case. */
bool span_starts_with(struct span span, const char *start);

/* Whether the span is one of the words of a list that NULL ends, in any case. */
bool span_is_one_of(struct span span, const char *const *words);

/* Whether the span is an address that leads nowhere, as lists use them: IPv4 in 0.0.0.0/8 or 127.0.0.0/8, of one part
 * ("0") to four; the IPv6 addresses :: and ::1, and these IPv4 addresses mapped into IPv6. */
bool span_leads_nowhere(struct span span);
