/* SPDX-License-Identifier: BSD-3-Clause */
#include "feedsync/net/redirect.h"

#include <string.h>

#include "feedsync/base/maxima.h"
#include "feedsync/base/url.h"
#include "libweir/errors.h"

static enum error_class refuse_redirect(const char *to, const char *reason, struct why *why)
{
	char shown[URL_MAX + 1];
	bool fits = strlen(to) <= URL_MAX;
	why_set(why, 0, "the server redirects to %.100s, %s", fits ? url_public(to, shown) : "too long a URL", reason);
	return ERROR_HTTP;
}

enum error_class redirect_judge(const char *from, const char *to, unsigned followed, struct why *why)
{
	struct origin before, after;
	if (strlen(to) > URL_MAX || !url_origin(to, &after))
		return refuse_redirect(to, "which is no https:// or http:// URL", why);
	/* `from` was judged when it was asked for. If it cannot be read again, it counts as https. */
	if ((!url_origin(from, &before) || origin_is_https(&before)) && !origin_is_https(&after))
		return refuse_redirect(to, "from https to http", why);
	if (followed >= MAX_REDIRECTS) {
		why_set(why, 0, "the server redirects more than %d times", MAX_REDIRECTS);
		return ERROR_HTTP;
	}
	return ERROR_NONE;
}
