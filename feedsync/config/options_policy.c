/* SPDX-License-Identifier: BSD-3-Clause */
/* The options that say what happens to names: the guard, the operator's own lists, categories, groups, a feed's map. */
#include "feedsync/base/maxima.h"
#include "feedsync/config/options_row.h"
#include "libweir/policy.h"

static const struct option guard_options[] = {
	{
		.key = "warninglists",
		TEXTS(struct written_guard, warninglists),
		.most = MAX_GUARD_FILES,
		.most_octets = MAX_PATH,
		.expected = "files or directories",
		.example = "[/etc/weir/warninglists]",
		.sentence = "Warning lists of MISP (github.com/MISP/misp-warninglists): files, or directories of them.",
	},
	{
		.key = "names",
		TEXTS(struct written_guard, names),
		.most = MAX_GUARD_FILES,
		.most_octets = MAX_PATH,
		.expected = "files",
		.example = "[/etc/weir/guarded.txt]",
		.sentence = "Files of names, in lines of nearly any syntax.",
	},
	{
		.key = "own",
		TEXTS(struct written_guard, own),
		.most = MAX_OWN,
		.most_octets = MAX_PATH,
		.fault = host_fault,
		.expected = "names",
		.example = "[isp.example]",
		.sentence = "Names of your own infrastructure, at or below which nothing is ever blocked, not even by "
			    "\"block\".",
		.more = "Do not name zones in which customers have names.",
	},
};
const struct section guard_section = {.size = sizeof(struct written_guard), .options = OPTIONS(guard_options, NULL)};

static const struct option operator_item_options[] = {
	{
		.key = "name",
		TEXT(struct written_operator_item, name),
		.required = true,
		.fault = operator_name_fault,
		.expected = "a name",
		.example = "shop.example",
		.sentence = "The name.",
	},
	{
		.key = "scope",
		WORD(struct written_operator_item, scope),
		.word = scope_word,
		.fallback = "subtree",
		.sentence = "Whether the item means the name alone (exact), or also everything below it (subtree).",
	},
	{
		.key = "reason",
		TEXT(struct written_operator_item, reason),
		.example = "customers cannot pay",
		.sentence = "Why; \"status\" and \"why\" show it.",
	},
	{
		.key = "author",
		TEXT(struct written_operator_item, author),
		.example = "ann",
		.sentence = "Who decided it.",
	},
	{
		.key = "expires",
		TEXT(struct written_operator_item, expires),
		.fault = moment_fault,
		.expected = "a day (2026-12-24) or a moment (2026-12-24T08:00Z, 2026-12-24T09:00+01:00)",
		.fallback_words = "never",
		.example = "2026-12-24",
		.sentence = "When the item ends: with that day, in UTC, or at that moment.",
	},
};

/* What `allow` has besides. */
static const struct option allow_item_options[] = {
	{
		.key = "report",
		YES_NO(struct written_operator_item, report),
		.fallback = "no",
		.example = "yes",
		.sentence = "Whether who lists the name is told that this is a mistake (\"sightings\").",
		.more = "It is told once, as a false positive, of each entry that is this very name.",
	},
};
static const struct options allow_item_more = OPTIONS(allow_item_options, NULL);
const struct section allow_item_section = {
	.size = sizeof(struct written_operator_item), .options = OPTIONS(operator_item_options, &allow_item_more)};

/* What `block` has besides. */
static const struct option block_item_options[] = {
	{
		.key = "category",
		TEXT(struct written_operator_item, category),
		.expected = "the name of a category",
		.fallback = "malicious",
		.example = "phishing",
		.sentence = "The category of the name: what a client gets, and what others are told of it.",
	},
	{
		.key = "tlp",
		WORD(struct written_operator_item, tlp),
		.word = tlp_word,
		.fallback_words = "that of each output",
		.example = "green",
		.sentence = "Who may be told of it (Traffic Light Protocol).",
		.more = "An output with a lower ceiling does not get it.",
	},
	{
		.key = "share",
		YES_NO(struct written_operator_item, share),
		.fallback = "yes",
		.example = "no",
		.sentence = "Whether outputs that take the operator's names (\"share\") get it.",
	},
};
static const struct options block_item_more = OPTIONS(block_item_options, NULL);
const struct section block_item_section = {
	.size = sizeof(struct written_operator_item), .options = OPTIONS(operator_item_options, &block_item_more)};

static const struct option category_options[] = {
	{
		.key = "name",
		TEXT(struct written_category, name),
		.required = true,
		.fault = policy_name_fault,
		.expected = "a name without blank",
		.example = "phishing",
		.sentence = "The name of the category, by which feeds refer to it.",
	},
	{
		.key = "action",
		WORD(struct written_category, action),
		.word = action_word,
		.fallback = "nxdomain",
		.sentence = "What a client gets instead of the answer.",
		.more = "  nxdomain   the name does not exist\n"
			"  nodata     the name exists, but has no such record\n"
			"  refused    the query is refused\n"
			"  drop       no answer over UDP; refused over TCP\n"
			"  truncate   over UDP \"ask over TCP\"; over TCP the true answer\n"
			"  sinkhole   the addresses \"ipv4\" and \"ipv6\"; nodata for other types\n"
			"  redirect   a CNAME to the name \"redirect\", and what that resolves to,\n"
			"             listed or not; local-data of unbound.conf is not asked\n"
			"  log        the true answer; the query is only counted\n"
			"  allow      the true answer, whoever else lists the name",
	},
	{
		.key = "ipv4",
		TEXT(struct written_category, ipv4),
		.fault = ipv4_fault,
		.expected = "an IPv4 address",
		.example = "192.0.2.1",
		.sentence = "The IPv4 address of the sinkhole.",
	},
	{
		.key = "ipv6",
		TEXT(struct written_category, ipv6),
		.fault = ipv6_fault,
		.expected = "an IPv6 address, in quotes",
		.example = "\"2001:db8::1\"",
		.sentence = "The IPv6 address of the sinkhole.",
	},
	{
		.key = "redirect",
		TEXT(struct written_category, redirect),
		.fault = host_fault,
		.expected = "the name of a host",
		.example = "blocked.isp.example",
		.sentence = "The name that \"action: redirect\" leads to.",
	},
	{
		.key = "ede",
		NUMBER(struct written_category, ede),
		.most = 65535,
		.fallback = "15",
		.sentence = "The code of the Extended DNS Error (RFC 8914): 15 own policy, 16 legal order, 17 asked "
			    "for by the "
			    "client.",
	},
	{
		.key = "text",
		TEXT(struct written_category, text),
		.most = POLICY_MAX_TEXT,
		.fallback_words = "no text",
		.example = "\"Blocked by your provider: phishing\"",
		.sentence = "The text of that error, which some clients show.",
	},
	{
		.key = "ttl",
		DURATION(struct written_category, ttl_s),
		.most = POLICY_MAX_TTL,
		.fallback = "30s",
		.sentence = "How long a client may keep the answer.",
	},
};
const struct section category_section = {
	.item = "category", .size = sizeof(struct written_category), .options = OPTIONS(category_options, NULL)};

static const struct option group_category_options[] = {
	{
		.key = "name",
		TEXT(struct written_group_category, name),
		.required = true,
		.expected = "the name of a category",
		.example = "trial",
		.sentence = "The name of a category.",
	},
	{
		.key = "action",
		WORD(struct written_group_category, action),
		.required = true,
		.word = action_word,
		.example = "nxdomain",
		.sentence = "What the group gets for it.",
	},
};
const struct section group_category_section = {.item = "category",
	.size = sizeof(struct written_group_category),
	.options = OPTIONS(group_category_options, NULL)};

static const struct option group_options[] = {
	{
		.key = "name",
		TEXT(struct written_group, name),
		.required = true,
		.fault = policy_name_fault,
		.expected = "a name without blank",
		.example = "families",
		.sentence = "The name of the group.",
	},
	{
		.key = "clients",
		TEXTS(struct written_group, clients),
		.most = POLICY_MAX_PREFIXES,
		.most_octets = 100,
		.fault = prefix_fault,
		.expected = "addresses and prefixes",
		.example = "[198.51.100.0/24, \"2001:db8::/32\"]",
		.sentence = "The clients, by address and prefix.",
	},
	{
		.key = "clients-file",
		TEXT(struct written_group, clients_file),
		.most = MAX_PATH,
		.expected = "a file",
		.example = "/etc/weir/opted-out.txt",
		.sentence = "File with more of them, one on each line; all groups together have at most 100,000.",
	},
	{
		.key = "action",
		WORD(struct written_group, action),
		.word = action_word,
		.fallback_words = "the action of each category",
		.example = "allow",
		.sentence = "What the group gets for every category; \"allow\" blocks nothing for it.",
	},
	{
		.key = "categories",
		ITEMS(struct written_group, categories, group_category_section),
		.most = POLICY_MAX_CATEGORIES,
		.sentence = "What the group gets for single categories.",
		.example = "- name: trial\n  action: nxdomain\n",
	},
};
const struct section group_section = {
	.item = "group", .size = sizeof(struct written_group), .options = OPTIONS(group_options, NULL)};

static const struct option map_options[] = {
	{
		.key = "tag",
		TEXT(struct written_map, tag),
		.example = "\"malware:*\"",
		.sentence = "A tag of the event or the attribute, in any case and without regard to quotes; a \"*\" at "
			    "its end "
			    "stands for anything.",
	},
	{
		.key = "misp-category",
		TEXT(struct written_map, misp_category),
		.example = "Payload delivery",
		.sentence = "The attribute's category in MISP.",
	},
	{
		.key = "organisation",
		TEXT(struct written_map, organisation),
		.example = "CERT-B.example",
		.sentence = "The organisation that created the event: its name, in any case, or its UUID.",
	},
	{
		.key = "threat-level",
		WORD(struct written_map, threat_level),
		.word = threat_level_word,
		.example = "low",
		.sentence = "The event's threat level.",
	},
	{
		.key = "category",
		TEXT(struct written_map, category),
		.required = true,
		.expected = "the name of a category",
		.example = "trial",
		.sentence = "The category of the entries that fit.",
	},
};
const struct section map_section = {
	.item = "map line", .size = sizeof(struct written_map), .options = OPTIONS(map_options, NULL)};
