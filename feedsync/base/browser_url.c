/* SPDX-License-Identifier: BSD-3-Clause */
/* Idea. This is the standard's state machine, as far as the host is concerned. Blanks at the ends are dropped, and line
 * ends anywhere. Then come scheme, slashes, authority and the rest; each ends with the first of some characters. The
 * authority ends before the first "/", "?" or "#" (or "\", in a URL of a scheme that browsers know). The user in it
 * ends with the last "@". Whether the host is a name is not judged here. */
#include "feedsync/base/browser_url.h"

#include <ctype.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* What is still to be read. */
struct rest {
	const char *at, *end;
	bool special; /* of a scheme that browsers know */
};

static bool is_slash(const struct rest *r, char c)
{
	return c == '/' || (r->special && c == '\\');
}

static bool ends_authority(const struct rest *r, char c)
{
	return is_slash(r, c) || c == '?' || c == '#';
}

/* Line ends and tabs are dropped wherever they stand. */
static bool is_dropped(char c)
{
	return c == '\t' || c == '\n' || c == '\r';
}

/* ---- scheme ---- */

/* The length of the scheme, without its colon; 0 = there is no scheme. */
static size_t scheme_length(const struct rest *r)
{
	const char *c = r->at;
	if (c == r->end || !isalpha((unsigned char)*c))
		return 0;
	while (c < r->end && (isalnum((unsigned char)*c) || strchr("+-.", *c)) && *c)
		c++;
	return c < r->end && *c == ':' ? (size_t)(c - r->at) : 0;
}

/* Whether a browser knows the scheme, and its URLs always have a host. */
static bool is_special_scheme(const char *scheme, size_t length)
{
	static const char *const special[] = {"http", "https", "ftp", "ws", "wss"};
	for (unsigned i = 0; i < sizeof special / sizeof *special; i++)
		if (strlen(special[i]) == length && strncasecmp(special[i], scheme, length) == 0)
			return true;
	return false;
}

/* Whether what follows a colon can be a port and no more of a host. */
static bool is_port_next(const struct rest *r, const char *at)
{
	while (at < r->end && isdigit((unsigned char)*at))
		at++;
	return at == r->end || ends_authority(r, *at);
}

/* Skips the scheme and the slashes behind it. Returns false for a URL whose scheme has no host. */
static bool skip_scheme(struct rest *r)
{
	size_t length = scheme_length(r);
	const char *behind = r->at + length + 1;
	r->special = true; /* a host without a scheme is one of http */
	if (length > 0 && is_special_scheme(r->at, length)) {
		r->at = behind;
	} else if (length > 0 && r->end - behind >= 2 && memcmp(behind, "//", 2) == 0) {
		r->special = false;
		r->at = behind + 2;
	} else if (length > 0 && !is_port_next(r, behind)) {
		return false;
	}
	while (r->special && r->at < r->end && is_slash(r, *r->at))
		r->at++;
	return true;
}

/* ---- host ---- */

static int hex_digit(char c)
{
	return isdigit((unsigned char)c)    ? c - '0'
	       : isxdigit((unsigned char)c) ? tolower((unsigned char)c) - 'a' + 10
					    : -1;
}

/* Copies a host without its escapes. Returns false if it does not fit, or has a blank or a control character: a NUL
 * would end it, and blanks at its ends do not belong to the name. */
static bool copy_host(const char *from, const char *end, char host[BROWSER_HOST_MAX + 1])
{
	size_t used = 0;
	while (from < end && used < BROWSER_HOST_MAX) {
		int high = *from == '%' && end - from > 2 ? hex_digit(from[1]) : -1;
		int low = high >= 0 ? hex_digit(from[2]) : -1;
		unsigned char octet = low >= 0 ? (unsigned char)(high * 16 + low) : (unsigned char)*from;
		if (octet <= ' ' || octet == 0x7f)
			return false;
		host[used++] = (char)octet;
		from += low >= 0 ? 3 : 1;
	}
	host[used] = '\0';
	return used > 0 && from == end;
}

/* Whether a text is a port, or nothing. */
static bool is_port(const char *from, const char *end)
{
	unsigned long port = 0;
	for (; from < end; from++) {
		if (!isdigit((unsigned char)*from) || port > 65535)
			return false;
		port = port * 10 + (unsigned long)(*from - '0');
	}
	return port <= 65535;
}

/* Takes the authority: user, host and port. */
static bool take_authority(struct rest *r, char host[BROWSER_HOST_MAX + 1])
{
	const char *from = r->at;
	while (r->at < r->end && !ends_authority(r, *r->at))
		r->at++;
	const char *at = memrchr(from, '@', (size_t)(r->at - from));
	from = at ? at + 1 : from;
	const char *close = from < r->at && *from == '[' ? memchr(from, ']', (size_t)(r->at - from)) : NULL;
	const char *search = close ? close : from;
	const char *colon = memchr(search, ':', (size_t)(r->at - search)), *end = colon ? colon : r->at;
	return (!close || end == close + 1) && (!colon || is_port(colon + 1, r->at)) && copy_host(from, end, host);
}

/* ---- what is behind it ---- */

/* The number of dots of a segment of a path, escaped or not: 1 for ".", 2 for "..", 0 for anything else. */
static unsigned dots_of(const char *from, const char *end)
{
	unsigned dots = 0;
	while (from < end && dots < 3) {
		bool escaped = end - from > 2 && strncasecmp(from, "%2e", 3) == 0;
		if (!escaped && *from != '.')
			return 0;
		from += escaped ? 3 : 1;
		dots++;
	}
	return dots < 3 ? dots : 0;
}

/* Whether a path leads to the host's root, whatever detour it takes. */
static bool is_root(const struct rest *r, const char *end)
{
	const char *segment = r->at;
	size_t depth = 0;
	if (segment == end)
		return true;
	for (;;) {
		const char *from = ++segment;
		while (segment < end && !is_slash(r, *segment))
			segment++;
		unsigned dots = dots_of(from, segment);
		if (dots == 2 && depth > 0)
			depth--;
		if (segment == end)
			return depth == 0 && (dots > 0 || from == end);
		depth += dots == 0;
	}
}

/* Whether there is more than the host. An empty fragment does not count. */
static bool is_beyond_host(const struct rest *r)
{
	const char *end = r->at;
	while (end < r->end && *end != '?' && *end != '#')
		end++;
	return !is_root(r, end) || (end < r->end && (*end == '?' || end + 1 < r->end));
}

/* ---- */

/* Reads what is left of a URL whose ends have no blanks. `parted`: line ends or tabs stood in it. Without a scheme that is no
 * URL, but words of a line. */
static enum browser_url read_clean(const char *text, size_t length, bool parted, char host[BROWSER_HOST_MAX + 1])
{
	struct rest rest = {.at = text, .end = text + length};
	if ((parted && scheme_length(&rest) == 0) || !skip_scheme(&rest) || !take_authority(&rest, host))
		return BROWSER_URL_NONE;
	return is_beyond_host(&rest) ? BROWSER_URL_PAGE : BROWSER_URL_HOST;
}

enum browser_url browser_url_host(const char *text, size_t length, char host[BROWSER_HOST_MAX + 1])
{
	size_t used = 0;
	host[0] = '\0';
	while (length > 0 && (unsigned char)*text <= ' ')
		text++, length--;
	while (length > 0 && (unsigned char)text[length - 1] <= ' ')
		length--;
	while (used < length && !is_dropped(text[used]))
		used++;
	if (used == length)
		return read_clean(text, length, false, host);
	char *clean = calloc(1, length);
	if (!clean)
		return BROWSER_URL_NO_MEMORY;
	memcpy(clean, text, used);
	for (size_t i = used; i < length; i++)
		if (!is_dropped(text[i]))
			clean[used++] = text[i];
	enum browser_url kind = read_clean(clean, used, true, host);
	free(clean);
	return kind;
}
