/* SPDX-License-Identifier: BSD-3-Clause */
/* URLs in messages. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "libweir/attributes.h"

enum { URL_MAX = 2047 }; /* characters of a URL */

/* The URL without what may be a secret: user name and password are left out, a query becomes "?...". Returns `text`. */
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

/* Adds a parameter to the query of a URL, with the escapes it needs. Returns 0, or -ENAMETOOLONG: the URL is cut then. */
must_check int url_add(char url[URL_MAX + 1], const char *key, const char *value);

/* Writes the URL that a reference (RFC 3986) on the page `base` leads to. Returns 0, -EBADMSG for what is none,
 * -ENAMETOOLONG, or -EXDEV: it has another scheme, host, port, user or password than `base`. */
must_check int url_on_same_server(const char *base, const char *reference, char url[URL_MAX + 1]);

/* Whether two URLs, both written alike, are of one server: scheme, host and port. */
bool url_same_origin(const char *a, const char *b);

/* Writes the URL of `name` in the folder `base`: a query of the base goes behind the name. Returns 0, or -ENAMETOOLONG. */
must_check int url_below(const char *base, const char *name, char url[URL_MAX + 1]);
