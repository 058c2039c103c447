/* SPDX-License-Identifier: BSD-3-Clause */
/* The options of who is told what was hit. */
#include "feedsync/base/maxima.h"
#include "feedsync/config/options_row.h"

static const struct option partner_options[] = {
	{
		.key = "name",
		TEXT(struct written_sightings, name),
		.required = true,
		.fault = feed_name_fault,
		.expected = "a name without blank and slash",
		.example = "community",
		.sentence = "The name of whom is told, in messages, commands and the log; outputs have other names.",
		.more = "It is known by this name what was told: under another name a day may be told twice.",
	},
	{
		.key = "of",
		TEXTS(struct written_sightings, of),
		.least = 1,
		.most = MAX_FEEDS,
		.most_octets = 63,
		.required = true,
		.expected = "names of feeds",
		.example = "[isp-community]",
		.sentence = "The feeds of which it is told what was hit.",
		.more = "Name feeds that come from the server of \"url\", or that its people publish: who is told "
			"learns "
			"which of these names were hit here.",
	},
	{
		.key = "to",
		WORD(struct written_sightings, to),
		.required = true,
		.word = sighting_way_word,
		.meaning = sighting_way_meaning,
		.example = "misp",
		.sentence = "How it is told.",
	},
	{
		.key = "url",
		URL(struct written_sightings, url),
		.required = true,
		.unless = "directory",
		.expected = "an https:// or http:// URL",
		.example = "https://misp.example/",
		.sentence =
			"Where it is told: of a MISP the URL of the instance, of TAXII that of a collection's objects.",
	},
	{
		.key = "directory",
		TEXT(struct written_sightings, directory),
		.most = MAX_STATE_PATH,
		.fault = directory_fault,
		.expected = "a directory",
		.example = "/srv/weir/sightings",
		.sentence = "For misp-feed and stix, in place of \"url\": where it is written; \"current\" in it leads "
			    "to the "
			    "newest release.",
		.more = "Your web server hands it out. It has what was told in the last 30 days.",
	},
	{
		.key = "recipients",
		TEXTS(struct written_sightings, recipients),
		.most = MAX_RECIPIENTS,
		.most_octets = 255,
		.expected = "names of those who may fetch it",
		.fallback_words = "none",
		.example = "[cert.example]",
		.sentence = "Of a directory: who may fetch it, for the log; your web server must see to it.",
	},
	{
		.key = "tlp",
		WORD(struct written_sightings, tlp),
		.word = ceiling_word,
		.fallback = "green",
		.sentence = "Of a directory: the ceiling. Names that are marked more restrictive are not told, nor is "
			    "what has "
			    "no marking and is of a feed without \"tlp\".",
	},
	{
		.key = "sign-key-file",
		TEXT(struct written_sightings, sign_key_file),
		.most = MAX_PATH,
		.expected = "a file",
		.fallback_words = "it is not signed",
		.example = "/etc/weir/share.key",
		.sentence = "Of a directory: file with the secret key, without password, that signs it.",
	},
	{
		.key = "min-clients",
		NUMBER(struct written_sightings, min_clients),
		.least = 3,
		.most = 1000000,
		.fallback_words = "that of trends",
		.example = "10",
		.sentence = "What fewer clients hit on a day is not told.",
	},
	{
		.key = "delay",
		DURATION(struct written_sightings, delay_s),
		.least = 900,
		.most = ONE_DAY_S,
		.fallback = "2h",
		.sentence = "How long after the end of a day, in UTC, it is told of.",
	},
	{
		.key = "max",
		NUMBER(struct written_sightings, max),
		.least = 1,
		.most = MAX_SIGHTINGS_A_DAY,
		.fallback = "2000",
		.sentence = "The most sightings of a day; those with the most hits are told.",
	},
	{
		.key = "source",
		TEXT(struct written_sightings, source),
		.most = 255,
		.fallback = "dns resolver",
		.sentence = "What each sighting says of where it comes from.",
		.more = "Everybody who may see the sighting can read it: name no machine, place or customer.",
	},
	{
		.key = "logged",
		YES_NO(struct written_sightings, logged),
		.fallback = "no",
		.sentence = "Whether also that is told which was only counted (action: log).",
	},
	{
		.key = "strict",
		YES_NO(struct written_sightings, strict),
		.fallback = "no",
		.sentence = "Whether also of names that are TLP:RED or TLP:AMBER+STRICT is told that they were hit.",
		.more = "The source knows the name. But its MISP may show the sighting to others, and pass it on.",
	},
};
const struct section sightings_section = {.item = "sightings",
	.size = sizeof(struct written_sightings),
	.options = OPTIONS(partner_options, &other_server_options)};
