/* SPDX-License-Identifier: BSD-3-Clause */
/* The options of a feed that say which of its versions is used, and when the operator is told. */
#include "feedsync/base/maxima.h"
#include "feedsync/config/options_row.h"

static const struct option version_options[] = {
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
const struct options feed_version_options = OPTIONS(version_options, &feed_share_options);
