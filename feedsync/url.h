/* URLs in messages. */
#pragma once

#include "attributes.h"

enum { URL_MAX = 2047 }; /* characters of a URL */

/* The URL without what may be a secret: user name and password are left out, a query becomes "?...". Returns `text`. */
const char *url_public(const char *url, char text[URL_MAX + 1]);

/* Writes the URL of `name` in the folder `base`: a query of the base goes behind the name. Returns 0, or -ENAMETOOLONG. */
must_check int url_below(const char *base, const char *name, char url[URL_MAX + 1]);
