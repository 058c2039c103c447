/* SPDX-License-Identifier: BSD-3-Clause */
/* The options of a feed that say which entries count, and what an entry means. */
#include "feedsync/base/maxima.h"
#include "feedsync/config/options_row.h"

static const struct option entries_options[] = {
	{
		.key = "scope",
		WORD(struct written_feed, scope),
		.word = scope_word,
		.fallback_words = "exact; subtree for stix and taxii",
		.example = "subtree",
		.sentence = "What a name without \"*.\" before it means: the name alone (exact), or also everything "
			    "below it.",
		.more = "Only for domains, hosts, csv, json, stix and taxii; the other formats say it with each entry. "
			"In a MISP feed a domain means everything below it too, a hostname and the host of a URL only "
			"themselves. In STIX what MISP has labelled as a hostname, and the host of a URL, are exact in "
			"any case.",
	},
	{
		.key = "wildcard",
		WORD(struct written_feed, wildcard),
		.word = wildcard_word,
		.fallback_words = "subtree for domains, csv, json; below for rpz",
		.example = "below",
		.sentence = "What \"*.x\" means: x and all below it (subtree), or only what is below it (below).",
	},
	{
		.key = "values",
		WORD(struct written_feed, values),
		.word = values_word,
		.fallback = "names",
		.example = "urls",
		.sentence = "What domains, csv and json hold: names; urls, of which the hosts count; or pages.",
		.more = "A URL is read as browsers read it. With \"urls\" the URL of a single page, which has a path, "
			"a query or a fragment, is left out. With \"pages\" the whole host of a single page is taken, "
			"so use it only where the guard knows the large hosts.",
	},
	{
		.key = "refang",
		YES_NO(struct written_feed, refang),
		.fallback = "no",
		.sentence =
			"Whether hxxp://, evil[.]example and evil(dot)example are undone, in domains, csv and json.",
	},
	{
		.key = "ports",
		YES_NO(struct written_feed, ports),
		.fallback = "no",
		.sentence = "Whether evil.example:8080 is taken for evil.example, in domains, csv and json.",
	},
	{
		.key = "field",
		TEXT(struct written_feed, field),
		.expected = "a column, or a path of members parted by dots",
		.example = "host",
		.sentence = "The column (csv) or the path (json) of the name; both formats need it.",
		.more = "A number is that of the column, from 1, for tables without a header. On a path an array "
			"stands for all that is in it. \"@key\" is the key of the item itself.",
	},
	{
		.key = "separator",
		WORD(struct written_feed, separator),
		.word = separator_word,
		.fallback_words = "as the header shows; comma where columns have numbers",
		.example = "semicolon",
		.sentence = "What stands between the columns of csv.",
	},
	{
		.key = "items",
		TEXT(struct written_feed, items),
		.expected = "a path of members parted by dots",
		.fallback_words = "the document itself, or its lines",
		.example = "data.urls",
		.sentence = "The path of the array, or of the object with the items under keys, for json.",
		.more = "\"*\" on it stands for each member or element.",
	},
	{
		.key = "where",
		TEXTS(struct written_feed, where),
		.most = MAX_CONDITIONS,
		.most_octets = 500,
		.fault = condition_fault,
		.expected = "conditions FIELD=VALUE, or with !=, <, >, <= or >=",
		.example = "[\"url_status=online\", \"deleted=null\"]",
		.sentence = "Conditions that all must hold for an entry, for csv and json.",
		.more = "= and != compare texts, in any case of their letters; the others compare numbers, or times.",
	},
	{
		.key = "max-age",
		DURATION(struct written_feed, max_age_s),
		.least = 1,
		.most = MAX_AGE_S,
		.fallback_words = "entries do not expire",
		.example = "90d",
		.sentence = "Entries that were seen last longer ago are not used.",
		.more = "In MISP that is last_seen, or else the attribute's last change; csv and json need \"seen\". "
			"Under \"feedsync run\" entries that expire, also by the valid_until of STIX, go a quarter of "
			"an hour later at the latest.",
	},
	{
		.key = "seen",
		TEXT(struct written_feed, seen),
		.expected = "a column, or a path of members parted by dots",
		.example = "last_online",
		.sentence = "The column (csv) or the path (json) of the time that max-age looks at.",
		.more = "An entry whose time is missing or cannot be read is used.",
	},
	{
		.key = "map",
		ITEMS(struct written_feed, map, map_section),
		.most = MAX_MAPS,
		.sentence = "Other categories for some entries, for misp-feed and misp-rest; the first line that fits "
			    "decides.",
		.more = "A line has one or more of tag, misp-category, organisation and threat-level, all of which "
			"must fit.",
		.example = "- {tag: \"malware:*\", category: trial}\n",
	},
	{
		.key = "strict-tlp",
		YES_NO(struct written_feed, strict_tlp),
		.fallback = "yes",
		.sentence = "Whether entries marked TLP:RED or TLP:AMBER+STRICT are left out.",
		.more = "Whoever asks the resolver learns what it blocks.",
	},
	{
		.key = "strict-pap",
		YES_NO(struct written_feed, strict_pap),
		.fallback = "yes",
		.sentence = "Whether entries marked PAP:RED or PAP:AMBER are left out, for MISP, stix and taxii.",
		.more = "Blocking them warns the attacker.",
	},
	{
		.key = "detection-only",
		YES_NO(struct written_feed, detection_only),
		.fallback = "no",
		.sentence = "Whether what OpenCTI says is not for detection is left out, for stix and taxii.",
		.more = "OpenCTI says so of all that nobody has marked. What says nothing of it is used.",
	},
	{
		.key = "min-confidence",
		NUMBER(struct written_feed, min_confidence),
		.most = 100,
		.fallback = "0",
		.example = "60",
		.sentence = "The confidence that an indicator must tell, of 100, for stix and taxii; 0 asks for none.",
	},
	{
		.key = "targets",
		YES_NO(struct written_feed, targets),
		.fallback = "yes",
		.sentence = "Whether names that are aliases (CNAME, HTTPS) of listed ones are blocked too.",
	},
	{
		.key = "unguarded",
		TEXTS(struct written_feed, unguarded),
		.most = MAX_UNGUARDED,
		.most_octets = MAX_PATH,
		.fault = host_fault,
		.expected = "names",
		.example = "[duckdns.org]",
		.sentence = "Names that this feed may block though they are guarded; not those of the guard's list "
			    "\"own\".",
	},
};
const struct options feed_entries_options = OPTIONS(entries_options, &feed_server_options);
