/* SPDX-License-Identifier: BSD-3-Clause */
/* The options of digests of hits: where a resolver's host puts them, and where the compiler takes them from. */
#include "feedsync/base/maxima.h"
#include "feedsync/config/options_row.h"

static const struct option access_options[] = {
	{
		.key = "ca",
		TEXT(struct written_digests, ca),
		.expected = "a file",
		.fallback_words = "the system's authorities",
		.example = "/etc/weir/store-ca.pem",
		.sentence = "File with the certificate authority of the server.",
	},
	{
		.key = "client-certificate",
		TEXT(struct written_digests, client_certificate),
		.expected = "a file",
		.example = "/etc/weir/host.pem",
		.sentence = "File with the certificate that proves to the server who we are; it goes with client-key.",
	},
	{
		.key = "client-key",
		TEXT(struct written_digests, client_key),
		.expected = "a file",
		.example = "/etc/weir/host.key",
		.sentence = "File with the key of that certificate, of mode 600 or 640.",
	},
};
static const struct options access_table = OPTIONS(access_options, NULL);

static const struct option digest_options[] = {
	{
		.key = "name",
		TEXT(struct written_digests, name),
		.required = true,
		.fault = channel_fault,
		.expected = "a name of letters, digits, \".\", \"_\" and \"-\"",
		.example = "cologne-1",
		.sentence = "The name of this host's resolvers, as \"fleet\" of the compiler has it.",
	},
	{
		.key = "to",
		SECTION(struct written_digests, place, target_section),
		.required = true,
		.expected = "a directory, an https:// URL, or \"s3:\" below it",
		.example = "location: https://store.isp.example/weir\n",
		.sentence = "Where they are put: as digests/NAME/HOUR.",
		.more = "Let nobody read them but the compiler, and let no host write those of another one. What is a "
			"week old is removed there.",
	},
};
const struct section digest_section = {
	.size = sizeof(struct written_digests), .options = OPTIONS(digest_options, &access_table)};

static const struct option digests_options[] = {
	{
		.key = "from",
		SECTION(struct written_digests, place, target_section),
		.required = true,
		.expected = "a directory, an https:// URL, or \"s3:\" below it",
		.example = "location: /srv/weir/hits\n",
		.sentence = "Where they lie: what \"to\" is on the resolvers' hosts.",
	},
};
const struct section digests_section = {
	.size = sizeof(struct written_digests), .options = OPTIONS(digests_options, &access_table)};
