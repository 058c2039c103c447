/* SPDX-License-Identifier: BSD-3-Clause */
#include "feedsync/base/url.h"

#include <curl/curl.h>
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
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

/* Writes a part of the URL, "" where it has none. */
static CURLUcode copy_part(CURLU *url, CURLUPart part, char *to, size_t room)
{
	char *text = NULL;
	CURLUcode code = curl_url_get(url, part, &text, part == CURLUPART_PORT ? CURLU_DEFAULT_PORT : 0);
	snprintf(to, room, "%s", code == CURLUE_OK ? text : "");
	curl_free(text);
	return code == CURLUE_OUT_OF_MEMORY ? code : CURLUE_OK;
}

enum url_kind url_host(const char *text, size_t length, char host[URL_MAX + 1])
{
	char whole[URL_MAX + 1], path[URL_MAX + 1], query[URL_MAX + 1];
	if (length > URL_MAX)
		return URL_NONE;
	snprintf(whole, sizeof whole, "%.*s", (int)length, text);
	CURLU *url = curl_url();
	CURLUcode code = url ? curl_url_set(url, CURLUPART_URL, whole,
				       CURLU_DEFAULT_SCHEME | CURLU_NON_SUPPORT_SCHEME | CURLU_URLENCODE)
			     : CURLUE_OUT_OF_MEMORY;
	if (code == CURLUE_OK)
		code = copy_part(url, CURLUPART_HOST, host, URL_MAX + 1);
	if (code == CURLUE_OK)
		code = copy_part(url, CURLUPART_PATH, path, sizeof path);
	if (code == CURLUE_OK)
		code = copy_part(url, CURLUPART_QUERY, query, sizeof query);
	curl_url_cleanup(url);
	if (code == CURLUE_OUT_OF_MEMORY)
		return URL_NO_MEMORY;
	if (code != CURLUE_OK || !host[0])
		return URL_NONE;
	return (path[0] && strcmp(path, "/") != 0) || query[0] ? URL_PAGE : URL_HOST;
}

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
	static const CURLUPart server[] = {
		CURLUPART_SCHEME, CURLUPART_HOST, CURLUPART_PORT, CURLUPART_USER, CURLUPART_PASSWORD};
	char of_base[5][URL_MAX + 1], part[URL_MAX + 1], *text = NULL;
	int status = 0;
	CURLU *parts = curl_url();
	bool valid = parts && curl_url_set(parts, CURLUPART_URL, base, 0) == CURLUE_OK;
	for (unsigned i = 0; i < 5; i++)
		copy_part(parts, server[i], of_base[i], sizeof of_base[i]);
	valid = valid && of_base[0][0] && of_base[1][0]; /* or there was no memory for them */
	valid = valid && curl_url_set(parts, CURLUPART_URL, reference, 0) == CURLUE_OK;
	for (unsigned i = 0; i < 5; i++) {
		copy_part(parts, server[i], part, sizeof part);
		if (strcasecmp(part, of_base[i]) != 0)
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
