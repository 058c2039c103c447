/* SPDX-License-Identifier: BSD-3-Clause */
/* The options of a feed: what each feed says of itself. The others stand in options_feed_entries.c, options_server.c
 * and options_feed_version.c. */
#include "feedsync/base/maxima.h"
#include "feedsync/config/options_row.h"
#include "feedsync/entries/reserved_names.h"

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
		.fallback = DEFAULT_CATEGORY,
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
};
const struct section feed_section = {
	.item = "feed", .size = sizeof(struct written_feed), .options = OPTIONS(feed_options, &feed_entries_options)};
