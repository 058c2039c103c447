/* SPDX-License-Identifier: BSD-3-Clause */
/* Which redirects of a server are followed. libcurl follows none by itself, so that each request is looked at like
 * the first one: here, where it leads; in request.h, which addresses it may connect to and what of ours it is
 * shown. */
#pragma once

#include "feedsync/base/error_class.h"
#include "libweir/attributes.h"

struct why;

/* Judges a redirect from one URL to another, after `followed` redirects of the same download. Returns ERROR_NONE,
 * or ERROR_HTTP with the reason: it leads to no https:// or http:// URL, from https to http, to a URL of more than
 * URL_MAX characters, or it is one more than MAX_REDIRECTS. The reason holds no user name, password or query. Any
 * thread. */
must_check enum error_class redirect_judge(const char *from, const char *to, unsigned followed, struct why *why);
