/* SPDX-License-Identifier: BSD-3-Clause */
#include "feedsync/formats/span.h"

#include <arpa/inet.h>
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

struct span span_without_dot(struct span name)
{
	return name.length > 1 && name.text[0] == '.' ? span_from(name, 1) : name;
}

/* Whether a "#" could begin a comment, as far as quotes are not looked at: most lines hold none. */
static bool may_have_comment(struct span line)
{
	const char *end = line.text + line.length, *sign = line.text;
	while ((sign = memchr(sign, '#', (size_t)(end - sign)))) {
		if (sign == line.text || text_is_blank(sign[-1]))
			return true;
		sign++;
	}
	return false;
}

struct span span_without_comment(struct span line, const char *quotes)
{
	char open = '\0'; /* the quote that is not closed yet */
	size_t end = may_have_comment(line) ? line.length : 0;
	for (size_t i = 0; i < end; i++) {
		char c = line.text[i];
		if (c == '#' && !open && (i == 0 || text_is_blank(line.text[i - 1])))
			return span_trim((struct span){line.text, i});
		if (open && c == open)
			open = '\0';
		else if (!open && c && strchr(quotes, c))
			open = c;
	}
	return span_trim(line);
}

bool span_is_bare_name(struct span span)
{
	static const bool bare[256] = {['-'] = true,
		['.'] = true,
		['_'] = true,
		['0' ... '9'] = true,
		['A' ... 'Z'] = true,
		['a' ... 'z'] = true,
		[0x80 ... 0xff] = true};
	size_t i = 0;
	while (i < span.length && bare[(unsigned char)span.text[i]])
		i++;
	return i > 0 && i == span.length;
}

/* ---- addresses ---- */

/* Reads a part of an IPv4 address: up to three digits, at most 255. Returns -1 for anything else. */
static int take_part(struct span *rest)
{
	int value = 0;
	size_t digits = 0;
	while (digits < rest->length && digits < 3 && rest->text[digits] >= '0' && rest->text[digits] <= '9')
		value = value * 10 + rest->text[digits++] - '0';
	*rest = span_from(*rest, digits);
	return digits > 0 && value <= 255 ? value : -1;
}

static bool ipv4_leads_nowhere(struct span rest)
{
	int network = take_part(&rest);
	if (network != 0 && network != 127)
		return false;
	for (unsigned parts = 1; parts < 4 && rest.length > 0 && rest.text[0] == '.'; parts++) {
		rest = span_from(rest, 1);
		if (take_part(&rest) < 0)
			return false;
	}
	return rest.length == 0;
}

static bool ipv6_leads_nowhere(struct span span)
{
	static const uint8_t mapped[12] = {[10] = 0xff, [11] = 0xff};
	char text[INET6_ADDRSTRLEN];
	struct in6_addr address;
	if (span.length >= sizeof text)
		return false;
	memcpy(text, span.text, span.length);
	text[span.length] = '\0';
	if (inet_pton(AF_INET6, text, &address) != 1)
		return false;
	const uint8_t *octets = address.s6_addr;
	if (memcmp(octets, mapped, sizeof mapped) == 0)
		return octets[12] == 0 || octets[12] == 127;
	return IN6_IS_ADDR_UNSPECIFIED(&address) || IN6_IS_ADDR_LOOPBACK(&address);
}

bool span_leads_nowhere(struct span span)
{
	if (span_is(span, "0.0.0.0"))
		return true;
	if (span.length > 0 && (span.text[0] == '0' || span.text[0] == '1') && ipv4_leads_nowhere(span))
		return true;
	return memchr(span.text, ':', span.length) && ipv6_leads_nowhere(span);
}
