/* SPDX-License-Identifier: BSD-3-Clause */
/* The options of a resolver that pulls its table. */
#include "feedsync/config/options_row.h"
#include "feedsync/config/pull_config.h"

static const struct option pull_options[] = {
	{
		.key = "url",
		URL(struct written_pull, url),
		.required = true,
		.expected = "the https://, http:// or file:/// URL of a folder",
		.example = "https://weir.isp.example/stable/",
		.sentence = "The folder of the channel, as the compiler's \"distribute\" fills it.",
		.more = "No redirect is followed. What comes over http:// is believed as much as over https://, since "
			"its signature counts; but whoever is on the way can hold it back until it expires.",
	},
	{
		.key = "keys",
		TEXTS(struct written_pull, keys),
		.required = true,
		.least = 1,
		.most = PULL_KEYS,
		.most_octets = MINISIGN_KEY_TEXT,
		.expected = "public keys of minisign",
		.example = "[RWQf6LRCGA9i53mlYecO4IzT51TGPpvWucNSCh1CBM0QTaLn73Y7GFO3]",
		.sentence = "The public keys of the compiler: what none of them has signed is refused.",
		.more = "One is usual. Two are for a hand-over: give every resolver the new one too, let the compiler "
			"sign "
			"by it, then take the old one away.",
	},
	{
		.key = "ca",
		TEXT(struct written_pull, ca),
		.expected = "a file",
		.fallback_words = "the system's authorities",
		.example = "/etc/weir/fleet-ca.pem",
		.sentence = "File with the certificate authority of the folder's server, where it is one of your own.",
	},
};
const struct section pull_section = {.size = sizeof(struct written_pull), .options = OPTIONS(pull_options, NULL)};
