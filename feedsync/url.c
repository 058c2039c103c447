#include "url.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

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
