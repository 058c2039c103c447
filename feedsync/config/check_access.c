/* SPDX-License-Identifier: BSD-3-Clause */
/* How a feed's server is asked: secrets, and collections. */
#include <string.h>

#include "feedsync/config/check.h"
#include "feedsync/net/credentials.h"

/* Whether a URL leads to the objects of a TAXII collection. */
static bool is_objects(const char *url)
{
	size_t length = strcspn(url, "?#");
	while (length > 0 && url[length - 1] == '/')
		length--;
	return length >= 8 && memcmp(url + length - 8, "/objects", 8) == 0;
}

static void check_collection(struct check *c, struct feed_config *feed, const struct written_feed *written)
{
	bool taxii = feed->format->has_collections;
	if (written->collection && !taxii)
		complain(c, &written->at, "collection", "only taxii has collections, and this is %s",
			feed->format->name);
	if (taxii && !written->collection && !is_objects(written->url))
		complain(c, &written->at, "url",
			"this is not .../collections/ID/objects/; for another URL of the server \"collection\" is "
			"needed");
	feed->collection = written->collection;
}

void check_access(struct check *c, struct feed_config *feed, const struct written_feed *written)
{
	const struct {
		enum credentials_kind kind;
		const char *key, *file;
	} ways[] = {
		{ACCESS_KEY, "key-file", written->key_file},
		{ACCESS_TOKEN, "token-file", written->token_file},
		{ACCESS_PASSWORD, "password-file", written->password_file},
	};
	const bool web = strncmp(written->url, "http", 4) == 0;
	const char *first = NULL;
	unsigned given = 0;
	for (unsigned i = 0; i < sizeof ways / sizeof *ways; i++) {
		if (!ways[i].file || given++ > 0)
			continue;
		first = ways[i].key;
		feed->access = ways[i].kind;
		feed->secret_file = ways[i].file;
	}
	if (given > 1)
		complain(c, &written->at, first, "only one of key-file, token-file and password-file can be used");
	if (!written->user != !written->password_file)
		complain(c, &written->at, written->user ? "user" : "password-file",
			"user and password-file have an effect only together");
	if (first && !web)
		complain(c, &written->at, first, "a file:/// URL is read without a secret");
	const enum layout layout = feed->format->layout;
	if ((layout == LAYOUT_PAGES || layout == LAYOUT_LISTING) && !web)
		complain(c, &written->at, "url", "%s is asked for over https:// or http://", feed->format->name);
	check_collection(c, feed, written);
	feed->user = written->user;
}
