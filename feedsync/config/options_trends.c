/* SPDX-License-Identifier: BSD-3-Clause */
/* The options of what is kept of what was hit. */
#include "feedsync/base/maxima.h"
#include "feedsync/config/option_values.h"
#include "feedsync/config/options_row.h"
#include "libweir/policy.h"

static const struct option keep_options[] = {
	{
		.key = "rules",
		DURATION(struct written_keep, rules_s),
		.least = 2 * ONE_DAY_S,
		.most = MAX_TRENDS_S,
		.fallback = "90d",
		.sentence = "How long each rule's days are kept.",
	},
	{
		.key = "totals",
		DURATION(struct written_keep, totals_s),
		.least = 2 * ONE_DAY_S,
		.most = MAX_TRENDS_S,
		.fallback = "800d",
		.sentence = "How long the hours of feeds, groups and the whole are kept.",
	},
};
const struct section keep_section = {.size = sizeof(struct written_keep), .options = OPTIONS(keep_options, NULL)};

static const struct option trends_options[] = {
	{
		.key = "rules",
		YES_NO(struct written_trends, rules),
		.fallback = "no",
		.example = "yes",
		.sentence = "Whether each rule is counted by itself, with the number of its clients.",
		.more = "The rule is counted, never the name that was asked for. Clients are counted by a hash under a "
			"secret that lives one day in the resolver's memory; no address is kept. It takes 160 kB to "
			"10 MB of memory for each thread of the resolver, and a blocked query costs up to one per "
			"cent more.",
	},
	{
		.key = "ipv4-prefix",
		NUMBER(struct written_trends, ipv4_prefix),
		.most = POLICY_CLIENT_IPV4,
		.fallback = "32",
		.sentence = "How many bits of an IPv4 address are one client; 0 counts no such clients.",
	},
	{
		.key = "ipv6-prefix",
		NUMBER(struct written_trends, ipv6_prefix),
		.most = POLICY_CLIENT_IPV6,
		.fallback = "56",
		.sentence = "How many bits of an IPv6 address are one client: as many as you give to a customer.",
	},
	{
		.key = "client-key-file",
		TEXT(struct written_trends, client_key_file),
		.most = POLICY_MAX_KEY_PATH,
		.fault = key_path_fault,
		.expected = "the path of a file",
		.fallback_words = "each resolver draws a secret of its own each day, and nobody else has it",
		.example = "/etc/weir/client.key",
		.sentence = "Where the resolvers have a secret in common, so that a client that asks two of them "
			    "counts once.",
		.more = "It is the exception to what is said above: whoever has this file and the numbers of clients "
			"can tell "
			"whether an address may be among them. Do without it unless several resolvers serve the same "
			"clients.\n\n"
			"32 octets at random, the same on each resolver, mode 640: \"head -c 32 /dev/urandom\". It is "
			"read by "
			"the resolver's user when it begins to count, so reload or restart the resolver after a "
			"change. The "
			"secret of "
			"a day is made of it: BLAKE2b, keyed with it, of \"weir clients YYYY-MM-DD\".",
	},
	{
		.key = "min-clients",
		NUMBER(struct written_trends, min_clients),
		.least = 3,
		.most = 1000000,
		.fallback = "10",
		.sentence = "What fewer clients hit is not shown to others.",
	},
	{
		.key = "keep",
		SECTION(struct written_trends, keep, keep_section),
		.example = "rules: 90d\ntotals: 800d\n",
		.sentence = "How long it is kept.",
	},
	{
		.key = "digest",
		SECTION(struct written_trends, digest, digest_section),
		.fallback_words = "what is hit here stays here",
		.example = "name: cologne-1\nto: https://store.isp.example/weir\n",
		.sentence = "Where this host puts, each hour, what was hit here, for the compiler to add up.",
		.more = "It has counts, and of the rules that as many clients hit as \"min-clients\" says here how "
			"many "
			"clients there were; nothing of any client.",
	},
	{
		.key = "report",
		TEXT(struct written_trends, report),
		.most = MAX_STATE_PATH,
		.fault = directory_fault,
		.expected = "a directory",
		.fallback_words = "no report is written",
		.example = "/srv/weir/report",
		.sentence = "Directory of the reports: for each day and week that is over a page, JSON and CSV.",
		.more = "They name no rule that fewer than \"min-clients\" clients hit. feedsync's user must be "
			"allowed to "
			"write there; files are for their owner and group.",
	},
	{
		.key = "queries",
		TEXTS(struct written_trends, queries),
		.least = 1,
		.most = MAX_QUERIES_WORDS,
		.most_octets = 1000,
		.expected = "a command and its arguments",
		.fallback_words = "the share of all traffic is not known",
		.example = "[unbound-control, -c, /etc/unbound/unbound.conf]",
		.sentence = "The command that tells how many queries the resolver had in all.",
		.more = "It is run once a minute, without a shell, by feedsync's user, and with the argument "
			"\"stats_noreset\" behind those that are written here. Its line \"total.num.queries=NUMBER\" "
			"counts.",
	},
};
const struct section trends_section = {.size = sizeof(struct written_trends), .options = OPTIONS(trends_options, NULL)};
