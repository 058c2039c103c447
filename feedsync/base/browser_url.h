/* SPDX-License-Identifier: BSD-3-Clause */
/* URLs as browsers read them (the WHATWG URL Standard): where a link in a list leads whoever follows it. libcurl reads
 * the URLs that feedsync itself asks for (url.h), and the two differ. For a browser "\" is a "/", any number of slashes
 * may stand behind "http:", and a host may be written in percent escapes. */
#pragma once

#include <stddef.h>

#include "libweir/attributes.h"

enum { BROWSER_HOST_MAX = 1023 }; /* octets of a host as it is written; a name has 253 */

/* What a text says of a host. */
enum browser_url {
	BROWSER_URL_NONE, /* not a URL with a host */
	BROWSER_URL_HOST, /* the host as a whole: no path, no query, no fragment */
	BROWSER_URL_PAGE, /* something on it */
	BROWSER_URL_NO_MEMORY,
};

/* Reads a URL of any length, or a host with or without port, path, query and fragment, and writes its host: without user
 * and port, escapes undone, else as it is written. A URL of none of the schemes that browsers know needs "//". What
 * has no scheme, but a tab or a line end inside, is none: it is a line with several words. Returns what it is. Any thread. */
must_check enum browser_url browser_url_host(const char *text, size_t length, char host[BROWSER_HOST_MAX + 1]);
