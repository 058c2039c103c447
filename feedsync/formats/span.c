/* SPDX-License-Identifier: BSD-3-Clause */
#include "feedsync/formats/span.h"

#include <string.h>
#include <strings.h>

#include "feedsync/base/text.h"

struct span span_trim(struct span span)
{
	while (span.length > 0 && text_is_blank(span.text[0]))
		span.text++, span.length--;
	while (span.length > 0 && text_is_blank(span.text[span.length - 1]))
		span.length--;
	return span;
}

struct span span_from(struct span span, size_t octets)
{
	return (struct span){span.text + octets, span.length - octets};
}

struct span span_word(struct span *span)
{
	*span = span_trim(*span);
	struct span word = {span->text, 0};
	while (word.length < span->length && !text_is_blank(span->text[word.length]))
		word.length++;
	*span = span_from(*span, word.length);
	return word;
}

bool span_is(struct span span, const char *text)
{
	return span.length == strlen(text) && memcmp(span.text, text, span.length) == 0;
}

bool span_starts_with(struct span span, const char *start)
{
	return text_starts_with(span.text, span.length, start);
}

bool span_is_one_of(struct span span, const char *const *words)
{
	for (; *words; words++)
		if (strlen(*words) == span.length && strncasecmp(*words, span.text, span.length) == 0)
			return true;
	return false;
}

bool span_leads_nowhere(struct span span)
{
	static const char *const nowhere[] = {"0.0.0.0", "127.0.0.1", "::", "::1", NULL};
	return span_is_one_of(span, nowhere);
}
