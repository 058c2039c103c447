/* SPDX-License-Identifier: BSD-3-Clause */
/* How a server is asked: secrets and certificates; and the collections of a feed's. */
#include <string.h>

#include "feedsync/config/check.h"
#include "feedsync/net/credentials.h"

bool is_objects_url(const char *url)
{
	size_t length = strcspn(url, "?#");
	while (length > 0 && url[length - 1] == '/')
		length--;
	return length >= 8 && memcmp(url + length - 8, "/objects", 8) == 0;
}

void check_collection(struct check *c, struct feed_config *feed, const struct written_feed *written)
{
	const bool web = strncmp(written->url, "http", 4) == 0;
	const enum layout layout = feed->format->layout;
	if ((layout == LAYOUT_PAGES || layout == LAYOUT_LISTING) && !web)
		complain(c, &written->at, "url", "%s is asked for over https:// or http://", feed->format->name);
	bool taxii = feed->format->has_collections;
	if (written->collection && !taxii)
		complain(c, &written->at, "collection", "only taxii has collections, and this is %s",
			feed->format->name);
	if (taxii && !written->collection && !is_objects_url(written->url))
		complain(c, &written->at, "url",
			"this is not .../collections/ID/objects/; for another URL of the server \"collection\" is "
			"needed");
	feed->collection = written->collection;
}

/* Returns the option that names the secret, or NULL. */
static const char *read_server_secret(
	struct check *c, const struct written *at, const struct written_server *written, struct server_access *access)
{
	const struct {
		enum credentials_kind kind;
		const char *key, *file;
	} ways[] = {
		{ACCESS_KEY, "key-file", written->key_file},
		{ACCESS_TOKEN, "token-file", written->token_file},
		{ACCESS_PASSWORD, "password-file", written->password_file},
	};
	const char *first = NULL;
	unsigned given = 0;
	for (unsigned i = 0; i < sizeof ways / sizeof *ways; i++) {
		if (!ways[i].file || given++ > 0)
			continue;
		first = ways[i].key;
		access->kind = ways[i].kind;
		access->secret_file = ways[i].file;
	}
	if (given > 1)
		complain(c, at, first, "only one of key-file, token-file and password-file can be used");
	if (!written->user != !written->password_file)
		complain(c, at, written->user ? "user" : "password-file",
			"user and password-file have an effect only together");
	access->user = written->user;
	return first;
}

void check_server(struct check *c, const struct written *at, const char *url, const struct written_server *written,
	struct trust *trust, struct server_access *access)
{
	*trust = (struct trust){.url = url,
		.ca = written->ca,
		.certificate = written->client_certificate,
		.key = written->client_key,
		.pin = written->pin,
		.private_addresses = written->private_addresses,
		.private_networks = c->config->private_networks};
	const char *lonely = written->client_key ? "client-key" : "client-certificate";
	if (!written->client_certificate != !written->client_key)
		complain(c, at, lonely, "client-certificate and client-key have an effect only together");
	if ((written->pin || written->client_key) && strncmp(url, "https://", 8) != 0)
		complain(c, at, written->pin ? "pin" : "client-key", "it has no effect without https:// in \"url\"");
	const char *secret = read_server_secret(c, at, written, access);
	if (secret && strncmp(url, "http", 4) != 0)
		complain(c, at, secret, "a file:/// URL is read without a secret");
}
