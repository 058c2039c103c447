/* SPDX-License-Identifier: BSD-3-Clause */
/* The options of a feed. */
#include "feedsync/base/maxima.h"
#include "feedsync/config/options_row.h"

static const struct option feed_options[] = {
	{
		.key = "name",
		TEXT(struct written_feed, name),
		.required = true,
		.fault = feed_name_fault,
		.expected = "a name without blank and slash",
		.example = "isp-community",
		.sentence = "The name of the feed, in messages and commands.",
	},
	{
		.key = "url",
		URL(struct written_feed, url),
		.required = true,
		.expected = "an https://, http:// or file:/// URL",
		.example = "https://misp.example/feed/",
		.sentence = "Where the feed is.",
		.more = "Nothing that begins with https ever leads to http. misp-feed: the folder that holds "
			"manifest.json. misp-rest: the MISP instance itself. taxii: the objects of a collection, or, "
			"with \"collection\", the discovery or an API root.",
	},
	{
		.key = "format",
		WORD(struct written_feed, format),
		.required = true,
		.word = format_word,
		.example = "domains",
		.sentence = "What the feed is written in.",
		.meaning = format_meaning,
		.more = "In STIX and TAXII those indicators count whose pattern is a list of names, or of URLs without "
			"a path.",
	},
	{
		.key = "category",
		TEXT(struct written_feed, category),
		.expected = "the name of a category",
		.fallback = "malicious",
		.example = "phishing",
		.sentence = "The category of the entries.",
	},
	{
		.key = "action",
		WORD(struct written_feed, action),
		.word = action_word,
		.fallback_words = "the action of the category",
		.example = "log",
		.sentence =
			"What the entries do instead of what their category does; \"log\" puts a new feed on trial.",
		.more = "It makes a category \"phishing:log\" and holds for every group, except where the category is "
			"not the group's concern (\"allow\").",
	},
	{
		.key = "interval",
		DURATION(struct written_feed, interval_s),
		.least = 1,
		.most = MAX_INTERVAL_S,
		.fallback_words = "the interval of the file; 30s for misp-rest where the file has none",
		.example = "1h",
		.sentence = "How often \"feedsync run\" asks for this feed.",
	},
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
	{
		.key = "ca",
		TEXT(struct written_feed, ca),
		.expected = "a file",
		.fallback_words = "the system's authorities",
		.example = "/etc/weir/misp-example.pem",
		.sentence = "File with the certificate authority of the server.",
	},
	{
		.key = "pin",
		TEXT(struct written_feed, pin),
		.fault = pin_fault,
		.expected = "\"sha256//BASE64=\", several parted by \";\"",
		.example = "\"sha256//AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\"",
		.sentence = "Public keys of which the server must have one; only over https.",
	},
	{
		.key = "client-certificate",
		TEXT(struct written_feed, client_certificate),
		.expected = "a file",
		.example = "/etc/weir/client.pem",
		.sentence = "File with the certificate that proves to the server who we are; it goes with client-key.",
		.more = "It is shown to the host of \"url\" and \"signature\" only.",
	},
	{
		.key = "client-key",
		TEXT(struct written_feed, client_key),
		.expected = "a file",
		.example = "/etc/weir/client.key",
		.sentence = "File with the key of that certificate, of mode 600 or 640.",
	},
	{
		.key = "key-file",
		TEXT(struct written_feed, key_file),
		.expected = "a file",
		.example = "/etc/weir/misp.key",
		.sentence = "File with what the server wants in its header Authorization: the key of a MISP user.",
		.more = "A file with a secret must belong to root or to the user of feedsync, and be closed to others "
			"(chmod o=). It is read anew for every run. What it holds is never sent to another server by "
			"a redirect.",
	},
	{
		.key = "token-file",
		TEXT(struct written_feed, token_file),
		.expected = "a file",
		.example = "/etc/weir/token",
		.sentence = "File with a bearer token.",
	},
	{
		.key = "user",
		TEXT(struct written_feed, user),
		.fault = user_fault,
		.expected = "the name of a user",
		.example = "ann",
		.sentence = "User for basic authentication; it goes with password-file.",
	},
	{
		.key = "password-file",
		TEXT(struct written_feed, password_file),
		.expected = "a file",
		.example = "/etc/weir/password",
		.sentence = "File with the password of that user.",
	},
	{
		.key = "collection",
		TEXT(struct written_feed, collection),
		.expected = "an id, alias or title",
		.fallback_words = "the URL is that of the objects of a collection",
		.example = "Domains",
		.sentence = "The collection of a TAXII server: its id, alias or title.",
	},
	{
		.key = "private-addresses",
		YES_NO(struct written_feed, private_addresses),
		.fallback = "no",
		.sentence = "Whether the server, and where it redirects to, may be on this machine or in a private "
			    "network.",
		.more = "Without it only an address that stands in \"url\" itself, or localhost there, may be.",
	},
	{
		.key = "minisign-key",
		TEXT(struct written_feed, minisign_key),
		.expected = "a public key of minisign (\"RW...\")",
		.example = "RWT4spzabP98m2h5PyOw6+5gTYowfNhf2oLsU5xU8WO0feOaPprxm4bd",
		.sentence = "Public key by which the document must be signed.",
		.more = "The signature must not be older than the last one accepted, and must be for a file of the "
			"same name as in \"url\".",
	},
	{
		.key = "signature",
		URL(struct written_feed, signature),
		.expected = "an https://, http:// or file:/// URL",
		.fallback_words = "\"url\" and \".minisig\"",
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
	{
		.key = "max-unchanged",
		DURATION(struct written_feed, max_unchanged_s),
		.least = 1,
		.most = MAX_AGE_S,
		.fallback_words = "it may stay the same for ever",
		.example = "14d",
		.sentence = "How long the feed may stay the same before \"status\" says that it is not well.",
	},
	{
		.key = "max-edit",
		DURATION(struct written_feed, max_edit_s),
		.least = 1,
		.most = MAX_AGE_S,
		.fallback = "24h",
		.example = "4h",
		.sentence = "misp-rest: how long the last published version of an event that is being edited counts.",
		.more = "MISP unpublishes an event with each edit. One that somebody unpublishes or deletes goes at "
			"once.",
	},
	{
		.key = "min-entries",
		NUMBER(struct written_feed, min_entries),
		.most = UINT32_MAX,
		.fallback = "0",
		.example = "1000",
		.sentence = "How many entries a version must have; fewer are an alarm.",
		.more = "At an alarm the last good version stays in force until \"feedsync sync --accept NAME\" takes "
			"the new one, once. A list in which nothing but comments is left is an alarm in any case.",
	},
	{
		.key = "max-shrink",
		PERCENT(struct written_feed, max_shrink),
		.most = 100,
		.fallback_words = "50; no limit for a file of this machine",
		.example = "50",
		.sentence = "By how many per cent a version may have fewer entries than the last good one; more are an "
			    "alarm.",
		.more = "A difference of fewer than 1000 entries is never too much.",
	},
	{
		.key = "max-growth",
		PERCENT(struct written_feed, max_growth),
		.most = MAX_GROWTH_PERCENT,
		.fallback_words = "200; no limit for a file of this machine",
		.example = "200",
		.sentence = "By how many per cent a version may have more entries than the last good one; more are an "
			    "alarm.",
		.more = "It also holds for the room that as many names take in the table.",
	},
	{
		.key = "max-churn",
		PERCENT(struct written_feed, max_churn),
		.most = 100,
		.fallback_words = "75, or max-shrink if that is more; no limit for a file of this machine",
		.example = "75",
		.sentence =
			"How many per cent of its names in the published table may go at once, even if others come.",
		.more = "Fewer than 1000 names are never too many. For the names that are left max-shrink holds too: "
			"entries that say the same of one name, or exceptions, do not count.",
	},
	{
		.key = "max-rejected",
		PERCENT(struct written_feed, max_rejected),
		.most = 100,
		.fallback = "50",
		.sentence = "How many per cent of the entries may be malformed; more are an alarm.",
	},
};
const struct section feed_section = {.item = "feed", .size = sizeof(struct written_feed), OPTIONS(feed_options)};
