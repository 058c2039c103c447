/* SPDX-License-Identifier: BSD-3-Clause */
/* What the configuration says of how a feed's server is asked: secrets, and collections. */
#include <stdio.h>
#include <string.h>

#include "feedsync/base/log.h"
#include "feedsync/config/check.h"
#include "feedsync/net/credentials.h"
#include "libweir/errors.h"

/* Whether a URL is that of a TAXII collection's objects. */
static bool is_objects(const char *url)
{
	size_t length = strcspn(url, "?#");
	while (length > 0 && url[length - 1] == '/')
		length--;
	return length >= 8 && memcmp(url + length - 8, "/objects", 8) == 0;
}

static void check_collection(struct check *c, struct feed_config *feed, const struct raw_feed *raw)
{
	bool taxii = feed->format && feed->format->has_collections;
	if (raw->collection && !taxii)
		complain(c, "collection", "only taxii has collections");
	if (taxii && !raw->collection && !is_objects(raw->url))
		complain(c, "url",
			"this is not .../collections/ID/objects/; for another URL of the server the collection must be "
			"told");
	feed->collection = raw->collection;
}

void check_access(struct check *c, struct feed_config *feed, const struct raw_feed *raw)
{
	const struct {
		enum credentials_kind kind;
		const char *setting, *file;
	} ways[] = {
		{ACCESS_KEY, "key-file", raw->key_file},
		{ACCESS_TOKEN, "token-file", raw->token_file},
		{ACCESS_PASSWORD, "password-file", raw->password_file},
	};
	const char *first = NULL;
	unsigned given = 0;
	for (unsigned i = 0; i < sizeof ways / sizeof *ways; i++) {
		if (!ways[i].file || given++ > 0)
			continue;
		first = ways[i].setting;
		feed->access = ways[i].kind;
		feed->secret_file = ways[i].file;
	}
	if (given > 1)
		complain(c, first, "only one of key-file, token-file and password-file can be given");
	if (!raw->user != !raw->password_file)
		complain(c, raw->user ? "user" : "password-file", "user and password-file belong together");
	if (raw->user && strchr(raw->user, ':'))
		complain(c, "user", "a user's name has no colon");
	if (first && strncmp(raw->url, "http", 4) != 0)
		complain(c, first, "a file:/// URL is asked for without");
	if (feed->format && feed->format->layout == LAYOUT_PAGES && strncmp(raw->url, "http", 4) != 0)
		complain(c, "url", "%s is asked for over https:// or http://", feed->format->name);
	check_collection(c, feed, raw);
	feed->user = raw->user;
}

int config_check_access(const struct feed_config *feed)
{
	struct credentials access;
	struct why why;
	int status = credentials_load(&access, feed->access, feed->user, feed->secret_file, &why);
	if (status != 0)
		log_error("%s: %s", feed->name, why.text);
	else if (access.kind != ACCESS_OPEN && strncmp(feed->url, "http:", 5) == 0)
		log_warning("%s: its secret goes over the network as it is: the URL is not https://", feed->name);
	credentials_forget(&access);
	return status == 0 ? 0 : -1;
}
