/* SPDX-License-Identifier: BSD-3-Clause */
/* The options of what we give to others: who we are, where it goes, and what of a feed may go on. */
#include "feedsync/base/maxima.h"
#include "feedsync/config/options_row.h"
#include "libweir/policy.h"

static const struct option organisation_options[] = {
	{
		.key = "name",
		TEXT(struct written_organisation, name),
		.required = true,
		.most = 200,
		.fault = line_fault,
		.expected = "a text of one line",
		.example = "ISP-A CERT",
		.sentence = "The name that others know you by.",
	},
	{
		.key = "uuid",
		TEXT(struct written_organisation, uuid),
		.required = true,
		.fault = uuid_fault,
		.expected = "a UUID",
		.example = "0c1d6a2e-3c7d-4c4f-8a0e-3b0c2f6f9d10",
		.sentence = "The UUID of your organisation, as in MISP.",
		.more = "All identifiers that feedsync makes come from it: never change it. What a feed of MISP or "
			"STIX has of this organisation is not taken again; of a MISP instance only what Weir "
			"published is not, since your own people may write there.",
	},
	{
		.key = "contact",
		TEXT(struct written_organisation, contact),
		.required = true,
		.fault = mailbox_fault,
		.expected = "an e-mail address",
		.example = "abuse@isp.example",
		.sentence = "Who is to be written to about what you publish.",
	},
};
const struct section organisation_section = {
	.size = sizeof(struct written_organisation), .options = OPTIONS(organisation_options, NULL)};

static const struct option output_options[] = {
	{
		.key = "name",
		TEXT(struct written_output, name),
		.required = true,
		.fault = feed_name_fault,
		.expected = "a name without blank and slash",
		.example = "circle",
		.sentence = "The name of the output, in messages, commands and the log.",
		.more = "Identifiers are made of it too: do not change it.",
	},
	{
		.key = "format",
		WORD(struct written_output, format),
		.required = true,
		.word = rendering_word,
		.meaning = rendering_meaning,
		.example = "domains",
		.sentence = "What it is written in.",
	},
	{
		.key = "to",
		TEXT(struct written_output, to),
		.required = true,
		.most = MAX_STATE_PATH,
		.fault = directory_fault,
		.expected = "a directory",
		.example = "/srv/weir/circle",
		.sentence = "Directory of the output; \"current\" in it leads to the newest release.",
		.more = "Files are for their owner and group. Where the directory has the set-group-id bit they get "
			"its "
			"group, which may be the web server's.",
	},
	{
		.key = "recipients",
		TEXTS(struct written_output, recipients),
		.least = 1,
		.most = MAX_RECIPIENTS,
		.most_octets = 255,
		.required = true,
		.expected = "names of those who may fetch it",
		.example = "[isp-b.example, cert.example]",
		.sentence = "Who may fetch it, for the log; your web server must see to it.",
	},
	{
		.key = "tlp",
		WORD(struct written_output, tlp),
		.required = true,
		.word = ceiling_word,
		.example = "green",
		.sentence = "The ceiling: nothing that is marked more restrictive goes in.",
		.more = "It is also the marking of those of your own names that have none.",
	},
	{
		.key = "of",
		TEXTS(struct written_output, of),
		.least = 1,
		.most = MAX_FEEDS + 1,
		.most_octets = 63,
		.required = true,
		.expected = "\"operator\" and names of feeds",
		.example = "[operator]",
		.sentence = "What goes in: \"operator\" is the list \"block\"; a feed needs \"republish: yes\".",
	},
	{
		.key = "categories",
		TEXTS(struct written_output, categories),
		.most = POLICY_MAX_CATEGORIES,
		.most_octets = 63,
		.expected = "names of categories",
		.fallback_words = "all",
		.example = "[phishing, c2]",
		.sentence = "Only names of these categories go in.",
	},
	{
		.key = "sign-key-file",
		TEXT(struct written_output, sign_key_file),
		.most = MAX_PATH,
		.expected = "a file",
		.fallback_words = "it is not signed",
		.example = "/etc/weir/share.key",
		.sentence = "File with the secret key, without password, that signs it (\"minisign -G -W\").",
		.more = "Without it, or where others can read it, there is no release: the one before stays.",
	},
	{
		.key = "zone",
		TEXT(struct written_output, zone),
		.fault = host_fault,
		.expected = "the name of a zone",
		.example = "rpz.isp.example",
		.sentence = "The name of the zone, for rpz; it is that of the file, too.",
	},
	{
		.key = "tombstones",
		DURATION(struct written_output, tombstones_s),
		.least = ONE_DAY_S,
		.most = MAX_TOMBSTONES_S,
		.fallback = "365d",
		.example = "90d",
		.sentence = "How long it is told that a name was withdrawn, in formats that tell it.",
		.more = "Who looks less often than that keeps the name for good.",
	},
};
const struct section output_section = {
	.item = "output", .size = sizeof(struct written_output), .options = OPTIONS(output_options, NULL)};

static const struct option feed_share_list[] = {
	{
		.key = "republish",
		YES_NO(struct written_feed, republish),
		.fallback = "no",
		.example = "yes",
		.sentence = "Whether outputs (\"share\") may have entries of this feed.",
		.more = "A marking says who may be told; it is no licence. Ask whoever publishes the feed.",
	},
	{
		.key = "tlp",
		WORD(struct written_feed, tlp),
		.word = tlp_word,
		.fallback_words = "what is not marked is not given on",
		.example = "green",
		.sentence = "What an entry without a marking of the Traffic Light Protocol counts as, for outputs.",
	},
};
const struct options feed_share_options = OPTIONS(feed_share_list, NULL);
