/* SPDX-License-Identifier: BSD-3-Clause */
#include "feedsync/net/headers.h"

#include <stdio.h>
#include <string.h>

#include "feedsync/base/maxima.h"
#include "feedsync/net/credentials.h"
#include "feedsync/net/fetch.h"
#include "feedsync/net/request.h"

/* Adds a header, if it has a value. Returns whether there was memory: a request without one of its headers may mean
 * something else, so it is not sent. */
static bool add_header(struct curl_slist **headers, const char *name, const char *start, const char *value)
{
	char line[MAX_SECRET + 64];
	if (!value || !value[0])
		return true;
	snprintf(line, sizeof line, "%s: %s%s", name, start, value);
	struct curl_slist *list = curl_slist_append(*headers, line);
	if (list)
		*headers = list;
	explicit_bzero(line, sizeof line);
	return list != NULL;
}

bool headers_add(struct curl_slist **headers, const struct fetch *f)
{
	return add_header(headers, "If-None-Match", "", f->etag) &&
	       add_header(headers, "If-Modified-Since", "", f->last_modified) &&
	       add_header(headers, "Accept", "", f->accept) &&
	       add_header(headers, "Accept-Encoding", "", f->compressed ? "gzip" : NULL) &&
	       add_header(headers, "Content-Type", "",
		       !f->body  ? NULL
		       : f->type ? f->type
				 : "application/json");
}

bool headers_add_access(struct curl_slist **headers, const struct credentials *access)
{
	bool header = access && (access->kind == ACCESS_KEY || access->kind == ACCESS_TOKEN);
	const char *start = header && access->kind == ACCESS_TOKEN ? "Bearer " : "";
	return !header || add_header(headers, "Authorization", start, access->secret);
}
