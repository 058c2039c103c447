/* SPDX-License-Identifier: BSD-3-Clause */
/* URLs: what of them may be shown, where they lead, and others made from them. libcurl reads them, as it does when
 * it asks for them: two readers that differ would be a hole. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "libweir/attributes.h"

enum { URL_MAX = 2047 }; /* characters of a URL */

/* The URL without what may be a secret: user name and password are left out, a query becomes "?...". Returns
 * `text`. */
const char *url_public(const char *url, char text[URL_MAX + 1]);

/* What a text says of a host. */
enum url_kind {
	URL_NONE, /* it is no URL */
	URL_HOST, /* the host as a whole: there is no path, and no query */
	URL_PAGE, /* something on it */
	URL_NO_MEMORY,
};

/* Reads a URL, or a host with or without port and path, and writes its host. */
enum url_kind url_host(const char *text, size_t length, char host[URL_MAX + 1]);

/* The server that a URL leads to. */
struct origin {
	char scheme[8]; /* "http" or "https" */
	char host[256]; /* as a resolver is asked for it; an address without brackets */
	unsigned port;
};

/* Reads which server a URL leads to. Returns whether the URL is one of https or http with a host, and there was
 * memory. */
bool url_origin(const char *url, struct origin *origin);

/* Reads what that server is asked for: path and query. Returns whether there was memory, and room, for all of it. */
bool url_target(const char *url, char target[URL_MAX + 1]);

bool origin_is_https(const struct origin *origin);

/* Whether a URL leads to this very server. `url` may be NULL. */
bool origin_is_of(const struct origin *origin, const char *url);

/* Adds a parameter to the query of a URL, with the escapes it needs. Returns 0, or -ENAMETOOLONG: the URL is cut
 * then. */
must_check int url_add(char url[URL_MAX + 1], const char *key, const char *value);

/* Writes the URL that a reference (RFC 3986) on the page `base` leads to. Returns 0, -EBADMSG for what is none,
 * -ENAMETOOLONG, or -EXDEV: it has another scheme, host, port, user or password than `base`. */
must_check int url_on_same_server(const char *base, const char *reference, char url[URL_MAX + 1]);

/* Whether two URLs, both written alike, are of one server: scheme, host and port. */
bool url_same_origin(const char *a, const char *b);

/* Writes the URL of `name` in the folder `base`: a query of the base goes behind the name. Returns 0, or
 * -ENAMETOOLONG. */
must_check int url_below(const char *base, const char *name, char url[URL_MAX + 1]);

/* Writes the file:// URL of a file, whose path begins with "/". Returns 0, or -ENAMETOOLONG. */
must_check int url_of_file(const char *path, char url[URL_MAX + 1]);
