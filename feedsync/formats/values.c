/* SPDX-License-Identifier: BSD-3-Clause */
#include "feedsync/formats/values.h"

#include <ctype.h>
#include <errno.h>
#include <string.h>
#include <strings.h>

#include "feedsync/base/url.h"
#include "feedsync/formats/by_line.h"

size_t refang(char *text, size_t length)
{
	static const struct {
		const char *mark, *meaning;
	} marks[] = {{"[.]", "."}, {"(.)", "."}, {"{.}", "."}, {"[dot]", "."}, {"(dot)", "."}, {"{dot}", "."},
		{"[:]", ":"}, {"[://]", "://"}, {"[@]", "@"}};
	size_t to = 0;
	for (size_t from = 0; from < length;) {
		size_t mark = 0, left = length - from;
		while (mark < sizeof marks / sizeof *marks &&
			(strlen(marks[mark].mark) > left ||
				strncasecmp(text + from, marks[mark].mark, strlen(marks[mark].mark)) != 0))
			mark++;
		if (mark == sizeof marks / sizeof *marks) {
			text[to++] = text[from++];
			continue;
		}
		from += strlen(marks[mark].mark);
		for (const char *c = marks[mark].meaning; *c; c++)
			text[to++] = *c;
	}
	if (to >= 4 && strncasecmp(text, "hxxp", 4) == 0)
		memcpy(text, "http", 4);
	return to;
}

/* Without a port of up to five digits; an IPv6 address has more colons, and keeps them. */
static struct span without_port(struct span value)
{
	const char *colon = memchr(value.text, ':', value.length);
	size_t digits = 0, left = colon ? value.length - (size_t)(colon + 1 - value.text) : 0;
	while (digits < left && isdigit((unsigned char)colon[1 + digits]))
		digits++;
	if (digits == 0 || digits < left || digits > 5)
		return value;
	return (struct span){value.text, (size_t)(colon - value.text)};
}

static int take_url(
	struct sink *sink, const struct place *place, struct span value, const struct parse_options *options)
{
	char host[URL_MAX + 1];
	enum url_kind kind = url_host(value.text, value.length, host);
	if (kind == URL_HOST || (kind == URL_PAGE && options->pages))
		return sink_name(sink, place, host, strlen(host), options->scope);
	if (kind == URL_NO_MEMORY)
		return -ENOMEM;
	sink_reject(sink, place, kind == URL_PAGE ? REJECT_PATH : REJECT_SYNTAX, value.text, value.length);
	return 0;
}

int take_value(struct sink *sink, const struct place *place, const char *text, size_t length,
	const struct parse_options *options)
{
	char plain[URL_MAX + 1];
	struct span value = span_trim((struct span){text, length});
	if (options->refang && value.length < sizeof plain) {
		memcpy(plain, value.text, value.length);
		value = (struct span){plain, refang(plain, value.length)};
	}
	if (options->urls)
		return take_url(sink, place, value, options);
	if (options->ports)
		value = without_port(value);
	if (value.length > 2 && memcmp(value.text, "*.", 2) == 0)
		return sink_name(
			sink, place, value.text + 2, value.length - 2, options->below ? SCOPE_BELOW : SCOPE_SUBTREE);
	return sink_name(sink, place, value.text, value.length, options->scope);
}

struct condition condition_of(const char *text)
{
	const char *equals = strchr(text, '=');
	return (struct condition){equals ? (size_t)(equals - text) : strlen(text), text, equals ? equals + 1 : ""};
}
