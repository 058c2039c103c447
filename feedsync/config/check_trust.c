/* SPDX-License-Identifier: BSD-3-Clause */
/* Trust in servers: signatures, private networks; and the resolvers that find the hosts of feeds. */
#include <string.h>

#include "feedsync/config/check.h"
#include "libweir/errors.h"
#include "libweir/groups.h"

static void check_signature(struct check *c, struct feed_config *feed, const struct written_feed *written)
{
	static const char *const options[] = {"signature", "max-signature-age"};
	struct why why;
	struct trust *trust = &feed->trust;
	trust->signature = written->signature;
	trust->is_signed = written->minisign_key != NULL;
	for (unsigned i = 0; i < sizeof options / sizeof *options; i++)
		if (!trust->is_signed && was_written(&written->at, options[i]))
			complain(c, &written->at, options[i],
				"without \"minisign-key\" no signature is looked at; add the key of the publisher");
	if (!trust->is_signed)
		return;
	trust->max_age_s = written->max_signature_age_s;
	if (minisign_key_read(&trust->signer, written->minisign_key, &why) != 0)
		complain(c, &written->at, "minisign-key", "%s", why.text);
	if (feed->format->layout != LAYOUT_DOCUMENT && feed->format->layout != LAYOUT_EVENTS)
		complain(c, &written->at, "minisign-key",
			"a feed of format %s has many documents, and one signature cannot be of all",
			feed->format->name);
}

void check_trust(struct check *c, struct feed_config *feed, const struct written_feed *written)
{
	check_server(c, &written->at, written->url, &written->server, &feed->trust, &feed->access);
	check_signature(c, feed, written);
}

void check_networks(struct check *c)
{
	const struct texts *networks = &c->file->private_networks;
	struct client_prefix *prefixes = yaml_alloc(c->document, networks->count, sizeof *prefixes);
	size_t count = 0;
	for (unsigned i = 0; i < networks->count; i++)
		count += prefix_from_text(networks->text[i], &prefixes[count]);
	c->config->private_networks = (struct networks){prefixes, count};
}

void check_resolver(struct check *c)
{
	const struct written_resolver *written = &c->file->resolver;
	struct resolver_config *resolver = &c->config->resolver;
	if (!written->at.map)
		return;
	*resolver = (struct resolver_config){.forward = written->forward.text,
		.forward_count = written->forward.count,
		.validate = written->validate,
		.tls = written->tls,
		.ca = written->ca,
		.trust_anchor = written->trust_anchor};
	c->config->resolves = true;
	for (unsigned i = 0; i < resolver->forward_count; i++) {
		const char *forwarder = resolver->forward[i];
		bool named = false;
		if (!forwarder_valid(forwarder, &named))
			complain(c, &written->at, "forward",
				"\"%.100s\": not ADDRESS, ADDRESS@PORT or ADDRESS@PORT#NAME; example: 192.0.2.53@5353",
				forwarder);
		else if (named && !resolver->tls)
			complain(c, &written->at, "forward",
				"\"%.100s\": the name has an effect only with \"tls: yes\"", forwarder);
		else if (!named && resolver->tls)
			complain(c, &written->at, "forward",
				"\"%.100s\": over TLS the name by which it is known is needed; example: "
				"192.0.2.53@853#dns.example",
				forwarder);
	}
	if (resolver->tls && resolver->forward_count == 0)
		complain(c, &written->at, "tls", "only forwarders can be asked over TLS; name them in \"forward\"");
	if (written->ca && !resolver->tls)
		complain(c, &written->at, "ca", "it has no effect without \"tls: yes\"");
}
