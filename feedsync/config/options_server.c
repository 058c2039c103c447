/* SPDX-License-Identifier: BSD-3-Clause */
/* The options that say how a server is asked, and by what it is trusted: of a feed, of who is told sightings, and of a Prometheus. */
#include "feedsync/base/maxima.h"
#include "feedsync/config/options_row.h"

/* Read into any section that has its server in this place. */
_Static_assert(offsetof(struct written_feed, server) == offsetof(struct written_sightings, server) &&
		       offsetof(struct written_feed, server) == offsetof(struct written_prometheus, server),
	"one table of options is read into all of them");

static const struct option server_options[] = {
	{
		.key = "ca",
		TEXT(struct written_feed, server.ca),
		.expected = "a file",
		.fallback_words = "the system's authorities",
		.example = "/etc/weir/misp-example.pem",
		.sentence = "File with the certificate authority of the server.",
	},
	{
		.key = "pin",
		TEXT(struct written_feed, server.pin),
		.fault = pin_fault,
		.expected = "\"sha256//BASE64=\", several parted by \";\"",
		.example = "\"sha256//AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\"",
		.sentence = "Public keys of which the server must have one; only over https.",
	},
	{
		.key = "client-certificate",
		TEXT(struct written_feed, server.client_certificate),
		.expected = "a file",
		.example = "/etc/weir/client.pem",
		.sentence = "File with the certificate that proves to the server who we are; it goes with client-key.",
		.more = "It is shown to the host of \"url\", and of a feed's \"signature\", only.",
	},
	{
		.key = "client-key",
		TEXT(struct written_feed, server.client_key),
		.expected = "a file",
		.example = "/etc/weir/client.key",
		.sentence = "File with the key of that certificate, of mode 600 or 640.",
	},
	{
		.key = "key-file",
		TEXT(struct written_feed, server.key_file),
		.expected = "a file",
		.example = "/etc/weir/misp.key",
		.sentence = "File with what the server wants in its header Authorization: the key of a MISP user.",
		.more = "A file with a secret must belong to root or to the user of feedsync, and be closed to others "
			"(chmod o=). It is read anew for every run. What it holds is never sent to another server by "
			"a redirect.",
	},
	{
		.key = "token-file",
		TEXT(struct written_feed, server.token_file),
		.expected = "a file",
		.example = "/etc/weir/token",
		.sentence = "File with a bearer token.",
	},
	{
		.key = "user",
		TEXT(struct written_feed, server.user),
		.fault = user_fault,
		.expected = "the name of a user",
		.example = "ann",
		.sentence = "User for basic authentication; it goes with password-file.",
	},
	{
		.key = "password-file",
		TEXT(struct written_feed, server.password_file),
		.expected = "a file",
		.example = "/etc/weir/password",
		.sentence = "File with the password of that user.",
	},
	{
		.key = "private-addresses",
		YES_NO(struct written_feed, server.private_addresses),
		.fallback = "no",
		.sentence = "Whether the server, and where it redirects to, may be on this machine or in a private "
			    "network.",
		.more = "Without it only an address that stands in \"url\" itself, or localhost there, may be.",
	},
};
const struct options other_server_options = OPTIONS(server_options, NULL);

/* What a feed has besides. */
static const struct option document_options[] = {
	{
		.key = "collection",
		TEXT(struct written_feed, collection),
		.expected = "an id, alias or title",
		.fallback_words = "the URL is that of the objects of a collection",
		.example = "Domains",
		.sentence = "The collection of a TAXII server: its id, alias or title.",
	},
	{
		.key = "minisign-key",
		TEXT(struct written_feed, minisign_key),
		.expected = "a public key of minisign (\"RW...\")",
		.example = "RWT4spzabP98m2h5PyOw6+5gTYowfNhf2oLsU5xU8WO0feOaPprxm4bd",
		.sentence = "Public key by which the document must be signed.",
		.more = "The signature must not be older than the last one accepted, and must be for a file of the "
			"same name as in \"url\". Of a misp-feed manifest.json is signed, and must have the "
			"\"integrity:sha256\" of each event.",
	},
	{
		.key = "signature",
		URL(struct written_feed, signature),
		.expected = "an https://, http:// or file:/// URL",
		.fallback_words = "\"url\" and \".minisig\"; of a misp-feed manifest.json.minisig below \"url\"",
		.example = "https://misp.example/list.minisig",
		.sentence = "The URL of the signature.",
	},
	{
		.key = "max-signature-age",
		DURATION(struct written_feed, max_signature_age_s),
		.least = 1,
		.most = MAX_AGE_S,
		.fallback = "90d",
		.sentence = "How long ago the signature may have been made.",
		.more = "An older document may be held back by whoever is between, or its publisher has stopped. It is "
			"used all the same; \"sync\" warns, and \"status\" says that the feed is not well.",
	},
};
static const struct options feed_document_options = OPTIONS(document_options, &feed_version_options);
const struct options feed_server_options = OPTIONS(server_options, &feed_document_options);
