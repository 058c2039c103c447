/* SPDX-License-Identifier: BSD-3-Clause */
#include "feedsync/base/url.h"

#include <curl/curl.h>
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

const char *url_public(const char *url, char text[URL_MAX + 1])
{
	const char *scheme = strstr(url, "://"), *host = scheme ? scheme + 3 : url;
	size_t authority = strcspn(host, "/?#");
	const char *at = memrchr(host, '@', authority), *start = at ? at + 1 : host;
	size_t length = strcspn(start, "?#");
	snprintf(text, URL_MAX + 1, "%.*s%.*s%s", (int)(host - url), url, (int)length, start,
		start[length] ? "?..." : "");
	return text;
}

int url_below(const char *base, const char *name, char url[URL_MAX + 1])
{
	size_t length = strcspn(base, "?#");
	const char *query = base + length;
	while (length > 0 && base[length - 1] == '/')
		length--;
	int written = snprintf(url, URL_MAX + 1, "%.*s/%s%s", (int)length, base, name, query);
	return written > URL_MAX ? -ENAMETOOLONG : 0;
}

int url_add(char url[URL_MAX + 1], const char *key, const char *value)
{
	size_t used = strcspn(url, "#");
	char *escaped_key = curl_easy_escape(NULL, key, 0), *escaped = curl_easy_escape(NULL, value, 0);
	int written = snprintf(url + used, URL_MAX + 1 - used, "%c%s=%s", strchr(url, '?') ? '&' : '?',
		escaped_key ? escaped_key : "", escaped ? escaped : "");
	bool whole = escaped_key && escaped && (size_t)written < URL_MAX + 1 - used;
	curl_free(escaped_key);
	curl_free(escaped);
	return whole ? 0 : -ENAMETOOLONG;
}

/* Copies a part of a URL; "" where the URL has no such part. Returns 0, -ENOMEM, or -ENAMETOOLONG: then the copy is
 * cut. */
static int copy_part(CURLU *url, CURLUPart part, unsigned flags, char *to, size_t room)
{
	char *text = NULL;
	CURLUcode code = curl_url_get(url, part, &text, flags);
	size_t length = (size_t)snprintf(to, room, "%s", code == CURLUE_OK ? text : "");
	curl_free(text);
	if (code == CURLUE_OUT_OF_MEMORY)
		return -ENOMEM;
	return length < room ? 0 : -ENAMETOOLONG;
}

enum url_kind url_host(const char *text, size_t length, char host[URL_MAX + 1])
{
	char whole[URL_MAX + 1], path[sizeof "/?"], query[sizeof "?"]; /* longer ones are not looked at */
	if (length > URL_MAX)
		return URL_NONE;
	snprintf(whole, sizeof whole, "%.*s", (int)length, text);
	CURLU *url = curl_url();
	CURLUcode code = url ? curl_url_set(url, CURLUPART_URL, whole,
				       CURLU_DEFAULT_SCHEME | CURLU_NON_SUPPORT_SCHEME | CURLU_URLENCODE)
			     : CURLUE_OUT_OF_MEMORY;
	int of_host = copy_part(url, CURLUPART_HOST, 0, host, URL_MAX + 1);
	int of_path = copy_part(url, CURLUPART_PATH, 0, path, sizeof path);
	int of_query = copy_part(url, CURLUPART_QUERY, 0, query, sizeof query);
	curl_url_cleanup(url);
	if (code == CURLUE_OUT_OF_MEMORY || of_host == -ENOMEM || of_path == -ENOMEM || of_query == -ENOMEM)
		return URL_NO_MEMORY;
	if (code != CURLUE_OK || of_host != 0 || !host[0])
		return URL_NONE;
	return (path[0] && strcmp(path, "/") != 0) || query[0] ? URL_PAGE : URL_HOST;
}

/* ---- what a request needs of a URL ---- */

/* Takes the brackets off an IPv6 address. */
static void take_brackets_off(char *host)
{
	size_t length = strlen(host);
	if (length < 2 || host[0] != '[' || host[length - 1] != ']')
		return;
	memmove(host, host + 1, length - 2);
	host[length - 2] = '\0';
}

bool url_origin(const char *url, struct origin *origin)
{
	char port[8] = "";
	*origin = (struct origin){0};
	CURLU *parts = curl_url();
	bool valid = parts && curl_url_set(parts, CURLUPART_URL, url, CURLU_NON_SUPPORT_SCHEME) == CURLUE_OK &&
		     copy_part(parts, CURLUPART_SCHEME, 0, origin->scheme, sizeof origin->scheme) == 0 &&
		     copy_part(parts, CURLUPART_HOST, CURLU_PUNYCODE, origin->host, sizeof origin->host) == 0 &&
		     copy_part(parts, CURLUPART_PORT, CURLU_DEFAULT_PORT, port, sizeof port) == 0;
	curl_url_cleanup(parts);
	origin->port = (unsigned)strtoul(port, NULL, 10);
	take_brackets_off(origin->host);
	return valid && origin->host[0] && port[0] && (origin_is_https(origin) || strcmp(origin->scheme, "http") == 0);
}

bool url_target(const char *url, char target[URL_MAX + 1])
{
	char *query = NULL;
	CURLU *parts = curl_url();
	bool valid = parts && curl_url_set(parts, CURLUPART_URL, url, CURLU_NON_SUPPORT_SCHEME) == CURLUE_OK &&
		     copy_part(parts, CURLUPART_PATH, 0, target, URL_MAX + 1) == 0 && target[0];
	/* An empty query is a query, too. */
	CURLUcode code = valid ? curl_url_get(parts, CURLUPART_QUERY, &query, 0) : CURLUE_NO_QUERY;
	size_t used = valid ? strlen(target) : 0, room = URL_MAX + 1 - used;
	valid = valid && (code == CURLUE_OK || code == CURLUE_NO_QUERY);
	if (code == CURLUE_OK)
		valid = (size_t)snprintf(target + used, room, "?%s", query) < room;
	curl_free(query);
	curl_url_cleanup(parts);
	return valid;
}

bool origin_is_https(const struct origin *origin)
{
	return strcmp(origin->scheme, "https") == 0;
}

bool origin_is_of(const struct origin *origin, const char *url)
{
	struct origin other;
	return url && url_origin(url, &other) && strcmp(other.scheme, origin->scheme) == 0 &&
	       strcasecmp(other.host, origin->host) == 0 && other.port == origin->port;
}

/* ---- two URLs ---- */

/* Cut by hand, without libcurl: each pair of fetches of a run is compared, and both URLs are written as the
 * configuration has them. */
static size_t origin_length(const char *url)
{
	const char *scheme = strstr(url, "://"), *host = scheme ? scheme + 3 : url;
	return (size_t)(host - url) + strcspn(host, "/?#");
}

bool url_same_origin(const char *a, const char *b)
{
	size_t length = origin_length(a);
	return origin_length(b) == length && strncmp(a, b, length) == 0;
}

int url_on_same_server(const char *base, const char *reference, char url[URL_MAX + 1])
{
	static const struct {
		CURLUPart part;
		unsigned flags;
	} server[] = {{CURLUPART_SCHEME, 0}, {CURLUPART_HOST, 0}, {CURLUPART_PORT, CURLU_DEFAULT_PORT},
		{CURLUPART_USER, 0}, {CURLUPART_PASSWORD, 0}};
	char of_base[5][URL_MAX + 1], part[URL_MAX + 1], *text = NULL;
	int status = 0;
	CURLU *parts = curl_url();
	bool valid = parts && curl_url_set(parts, CURLUPART_URL, base, 0) == CURLUE_OK;
	for (unsigned i = 0; i < 5; i++)
		valid = valid && copy_part(parts, server[i].part, server[i].flags, of_base[i], sizeof of_base[i]) == 0;
	valid = valid && of_base[0][0] && of_base[1][0];
	valid = valid && curl_url_set(parts, CURLUPART_URL, reference, 0) == CURLUE_OK;
	for (unsigned i = 0; i < 5; i++) {
		valid = valid && copy_part(parts, server[i].part, server[i].flags, part, sizeof part) == 0;
		if (valid && strcasecmp(part, of_base[i]) != 0)
			status = -EXDEV;
	}
	if (!valid || curl_url_get(parts, CURLUPART_URL, &text, 0) != CURLUE_OK)
		status = -EBADMSG;
	else if (status == 0 && snprintf(url, URL_MAX + 1, "%s", text) > URL_MAX)
		status = -ENAMETOOLONG;
	curl_free(text);
	curl_url_cleanup(parts);
	return status;
}

int url_of_file(const char *path, char url[URL_MAX + 1])
{
	static const char plain[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~/";
	size_t used = (size_t)snprintf(url, URL_MAX + 1, "file://");
	for (; *path && used + 3 <= URL_MAX; path++)
		used += (size_t)snprintf(url + used, URL_MAX + 1 - used, strchr(plain, *path) ? "%c" : "%%%02X",
			strchr(plain, *path) ? *path : (unsigned char)*path);
	return *path ? -ENAMETOOLONG : 0;
}
