/* SPDX-License-Identifier: BSD-3-Clause */
#include "feedsync/formats/value.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "feedsync/base/browser_url.h"
#include "feedsync/entries/refang.h"

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
	char host[BROWSER_HOST_MAX + 1];
	enum browser_url kind = browser_url_host(url.text, url.length, host);
	if (kind == BROWSER_URL_HOST || (kind == BROWSER_URL_PAGE && (pages || sink->frees)))
		return sink_name(sink, position, host, strlen(host), scope);
	if (kind == BROWSER_URL_NO_MEMORY)
		return -ENOMEM;
	sink_reject(sink, position, kind == BROWSER_URL_PAGE ? REJECT_PATH : REJECT_SYNTAX, url.text, url.length);
	return 0;
}

struct span value_name(struct span value, enum scope wildcard, enum scope *scope)
{
	if (value.length < 2 || value.text[0] > '.')
		return value;
	bool starred = value.length > 2 && value.text[1] == '.';
	if (value.text[0] == '*' && starred)
		*scope = wildcard;
	else if (value.text[0] == '.' || (value.text[0] == '+' && starred))
		*scope = SCOPE_SUBTREE;
	else
		return value;
	return span_from(value, value.text[0] == '.' ? 1 : 2);
}

static int take_plain(const struct parse *parse, const struct position *position, struct span value)
{
	const struct parse_options *options = parse->options;
	if (options->urls)
		return value_take_url(parse->sink, position, value, options->scope, options->pages);
	if (options->ports)
		value = without_port(value);
	enum scope scope = options->scope;
	value = value_name(value, options->below ? SCOPE_BELOW : SCOPE_SUBTREE, &scope);
	return sink_name(parse->sink, position, value.text, value.length, scope);
}

static int take_disguised(const struct parse *parse, const struct position *position, struct span value)
{
	char space[MAX_LINE];
	char *plain = value.length <= sizeof space ? space : malloc(value.length);
	if (!plain)
		return -ENOMEM;
	memcpy(plain, value.text, value.length);
	int status = take_plain(parse, position, (struct span){plain, refang(plain, value.length)});
	if (plain != space)
		free(plain);
	return status;
}

int value_take(const struct parse *parse, const struct position *position, struct span value)
{
	value = span_trim(value);
	if (parse->options->refang && value.length > 0)
		return take_disguised(parse, position, value);
	return take_plain(parse, position, value);
}
