/* SPDX-License-Identifier: BSD-3-Clause */
/* Whom feeds come from, and through whom their hosts are found. */
#include <stdio.h>
#include <string.h>

#include "feedsync/base/log.h"
#include "feedsync/base/secret_file.h"
#include "feedsync/base/url.h"
#include "feedsync/base/xalloc.h"
#include "feedsync/config/check.h"
#include "libweir/errors.h"
#include "libweir/groups.h"

static bool is_https_url(const char *url)
{
	return strncmp(url, "https://", 8) == 0;
}

/* "sha256//" and 32 octets in base64; more of them are parted by semicolons. */
static bool pin_valid(const char *pin)
{
	static const char start[] = "sha256//";
	static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
	enum { DIGITS = 43 };
	for (;; pin++) {
		if (strncmp(pin, start, sizeof start - 1) != 0)
			return false;
		pin += sizeof start - 1;
		if (strspn(pin, digits) != DIGITS || pin[DIGITS] != '=')
			return false;
		pin += DIGITS + 1;
		if (*pin != ';')
			return *pin == '\0';
	}
}

static void check_signature(struct check *c, struct feed_config *feed, const struct raw_feed *raw)
{
	struct why why;
	struct trust *trust = &feed->trust;
	trust->signature = raw->signature;
	trust->is_signed = raw->minisign_key != NULL;
	if (raw->max_signature_age)
		trust->max_age_s = read_duration(c, "max-signature-age", raw->max_signature_age, MAX_AGE_S);
	else if (trust->is_signed)
		trust->max_age_s = SIGNATURE_AGE_S;
	if (raw->signature && !raw->minisign_key)
		complain(c, "signature", "without \"minisign-key\" nobody looks at it");
	if (raw->max_signature_age && !raw->minisign_key)
		complain(c, "max-signature-age", "without \"minisign-key\" there is no signature");
	if (raw->signature && (strlen(raw->signature) > URL_MAX || !url_supported(raw->signature)))
		complain(c, "signature", "this is no https://, http:// or file:/// URL of at most %d characters",
			URL_MAX);
	if (!raw->minisign_key)
		return;
	if (minisign_key_read(&trust->signer, raw->minisign_key, &why) != 0)
		complain(c, "minisign-key", "%s", why.text);
	if (feed->format && feed->format->parse_directory)
		complain(c, "minisign-key", "in %s there are many documents: one signature cannot be of all",
			raw->format);
}

void check_trust(struct check *c, struct feed_config *feed, const struct raw_feed *raw)
{
	feed->trust = (struct trust){.url = raw->url,
		.ca = raw->ca,
		.certificate = raw->client_certificate,
		.key = raw->client_key,
		.pin = raw->pin,
		.private_addresses = raw->private_addresses == CHOICE_YES,
		.private_networks = c->config->private_networks};
	if (!raw->client_certificate != !raw->client_key)
		complain(c, raw->client_key ? "client-key" : "client-certificate",
			"client-certificate and client-key are of use only together");
	if (raw->pin && !pin_valid(raw->pin))
		complain(c, "pin", "no \"sha256//\" and 44 characters of base64 (of several, parted by \";\")");
	if ((raw->pin || raw->client_key) && !is_https_url(raw->url))
		complain(c, raw->pin ? "pin" : "client-key", "without https:// nobody looks at it");
	check_signature(c, feed, raw);
}

void check_networks(struct check *c)
{
	unsigned count = c->raw->private_networks_count;
	struct client_prefix *prefixes = xcalloc(count, sizeof *prefixes);
	for (unsigned i = 0; i < count; i++)
		if (!prefix_from_text(c->raw->private_networks[i], &prefixes[i]))
			complain(c, "private-networks",
				"\"%s\" is no address, nor a prefix without bits set behind its length",
				c->raw->private_networks[i]);
	c->config->private_networks = (struct networks){prefixes, count};
}

void check_resolver(struct check *c, const struct raw_resolver *raw)
{
	struct resolver_config *resolver = &c->config->resolver;
	*resolver = (struct resolver_config){.forward = (const char *const *)raw->forward,
		.forward_count = raw->forward_count,
		.validate = raw->validate != CHOICE_NO,
		.tls = raw->tls == CHOICE_YES,
		.ca = raw->ca,
		.trust_anchor = raw->trust_anchor};
	c->config->resolves = true;
	for (unsigned i = 0; i < raw->forward_count; i++) {
		bool named = false;
		if (!forwarder_valid(raw->forward[i], &named))
			complain(c, "resolver", "\"%s\" is no ADDRESS, ADDRESS@PORT or ADDRESS@PORT#NAME",
				raw->forward[i]);
		else if (named != resolver->tls)
			complain(c, "resolver",
				named ? "\"%s\": a name is looked at with \"tls: yes\" only"
				      : "\"%s\": over TLS it must be told by which name it is known (ADDRESS#NAME)",
				raw->forward[i]);
	}
	if (resolver->tls && raw->forward_count == 0)
		complain(c, "resolver", "over TLS only forwarders can be asked");
	if (raw->ca && !resolver->tls)
		complain(c, "resolver", "without \"tls: yes\" there is nothing for a ca");
}

/* ---- files ---- */

static int check_secret(const char *feed, const char *path)
{
	struct why why;
	if (!path || secret_check(path, &why) == 0)
		return 0;
	log_error("%s: %s", feed, why.text);
	return -1;
}

int trust_check_files(const struct config *config)
{
	int status = 0;
	for (size_t i = 0; i < config->feed_count; i++) {
		const struct feed_config *feed = &config->feeds[i];
		status |= check_file(feed->name, feed->trust.ca);
		status |= check_file(feed->name, feed->trust.certificate);
		status |= check_secret(feed->name, feed->trust.key);
	}
	status |= check_file("resolver", config->resolver.ca);
	status |= check_file("resolver", config->resolver.trust_anchor);
	return status;
}

void trust_print(const struct trust *trust)
{
	char number[17];
	if (trust->key)
		printf(", with a client certificate");
	if (trust->pin)
		printf(", key pinned");
	if (trust->is_signed)
		printf(", signed by %s", minisign_key_number(&trust->signer, number));
	if (trust->private_addresses)
		printf(", private addresses allowed");
	if (trust->is_signed && trust->max_age_s != SIGNATURE_AGE_S)
		printf(", a signature old after %u s", trust->max_age_s);
}

void resolver_print(const struct config *config)
{
	const struct resolver_config *r = &config->resolver;
	if (!config->resolves)
		return;
	printf("hosts  resolved here, %s, by", r->validate ? "validated" : "not validated");
	for (unsigned i = 0; i < r->forward_count; i++)
		printf("%s %s", i > 0 ? "," : r->tls ? " TLS to" : "", r->forward[i]);
	printf("%s\n", r->forward_count == 0 ? " asking from the root on" : "");
}
