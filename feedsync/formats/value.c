/* SPDX-License-Identifier: BSD-3-Clause */
#include "feedsync/formats/value.h"

#include <ctype.h>
#include <errno.h>
#include <string.h>
#include <strings.h>

#include "feedsync/base/url.h"

size_t value_refang(char *text, size_t length)
{
	static const struct {
		const char *written, *meaning;
	} disguises[] = {{"[.]", "."}, {"(.)", "."}, {"{.}", "."}, {"[dot]", "."}, {"(dot)", "."}, {"{dot}", "."},
		{"[:]", ":"}, {"[://]", "://"}, {"[@]", "@"}};
	size_t to = 0;
	for (size_t from = 0; from < length;) {
		size_t d = 0, left = length - from;
		while (d < sizeof disguises / sizeof *disguises &&
			(strlen(disguises[d].written) > left ||
				strncasecmp(text + from, disguises[d].written, strlen(disguises[d].written)) != 0))
			d++;
		if (d == sizeof disguises / sizeof *disguises) {
			text[to++] = text[from++];
			continue;
		}
		from += strlen(disguises[d].written);
		for (const char *c = disguises[d].meaning; *c; c++)
			text[to++] = *c;
	}
	if (to >= 4 && strncasecmp(text, "hxxp", 4) == 0)
		memcpy(text, "http", 4);
	return to;
}

/* Returns the value without a port of up to five digits. An IPv6 address has more colons and keeps them. */
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

int value_take_url(struct sink *sink, const struct position *position, struct span url, enum scope scope, bool pages)
{
	char host[URL_MAX + 1];
	enum url_kind kind = url_host(url.text, url.length, host);
	if (kind == URL_HOST || (kind == URL_PAGE && pages))
		return sink_name(sink, position, host, strlen(host), scope);
	if (kind == URL_NO_MEMORY)
		return -ENOMEM;
	sink_reject(sink, position, kind == URL_PAGE ? REJECT_PATH : REJECT_SYNTAX, url.text, url.length);
	return 0;
}

int value_take(const struct parse *parse, const struct position *position, struct span value)
{
	const struct parse_options *options = parse->options;
	char plain[URL_MAX + 1];
	value = span_trim(value);
	if (options->refang && value.length < sizeof plain) {
		memcpy(plain, value.text, value.length);
		value = (struct span){plain, value_refang(plain, value.length)};
	}
	if (options->urls)
		return value_take_url(parse->sink, position, value, options->scope, options->pages);
	if (options->ports)
		value = without_port(value);
	if (value.length <= 2 || !span_starts_with(value, "*."))
		return sink_name(parse->sink, position, value.text, value.length, options->scope);
	value = span_from(value, 2);
	return sink_name(parse->sink, position, value.text, value.length, options->below ? SCOPE_BELOW : SCOPE_SUBTREE);
}
