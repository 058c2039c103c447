/* SPDX-License-Identifier: BSD-3-Clause */
/* Every option of the configuration file, as tables. All that is known of an option stands in its one row: the reader
 * (options_read.h) takes type, range and default from it; feedsync.yaml(5) and the annotated example (config_doc.c) take
 * its sentences. A new option is a row here, a member in written.h, and the check that uses it.
 *
 * A section is a map of options: the file itself, a feed, a category ... An option's value may be a section, or a list of
 * them. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "libweir/attributes.h"

enum option_type {
	OPTION_TEXT,     /* const char *; of at most `most` octets, 4000 where that is 0 */
	OPTION_URL,      /* const char *; it may hold a secret, so no message quotes it */
	OPTION_WORD,     /* const char *; one of those that `word` lists */
	OPTION_YES_NO,   /* bool */
	OPTION_NUMBER,   /* uint32_t, `least`..`most` */
	OPTION_PERCENT,  /* uint32_t, likewise */
	OPTION_DURATION, /* uint32_t: seconds, likewise */
	OPTION_TEXTS,    /* struct texts: a list; `least`..`most` are its items, `most_octets` those of one */
	OPTION_SECTION,  /* the section's structure */
	OPTION_ITEMS,    /* struct items: a list of sections, `least`..`most` */
};

struct section;

struct option {
	const char *key;
	enum option_type type;
	size_t offset; /* of its member in the section's structure (written.h) */
	uint64_t least, most;
	unsigned most_octets;
	bool required;
	const char *unless;   /* the option in whose company it is not required, or NULL */
	const char *fallback; /* what holds where it is not written, as it would be written; NULL = nothing */
	/* OPTION_WORD: the words by number, NULL behind the last; and what each means, NULL where `more` says it. */
	const char *(*word)(unsigned index);
	const char *(*meaning)(unsigned index);
	/* What is wrong with a text, or with an item of OPTION_TEXTS; NULL = nothing. */
	const char *(*fault)(const char *text);
	const char *expected;          /* what such a text is, in words: "an address or a prefix" */
	const struct section *section; /* OPTION_SECTION, OPTION_ITEMS */
	/* For readers. Plain text; "\n\n" begins a paragraph, lines that begin with "  " stay as they are. */
	const char *sentence;       /* what it is for: one sentence */
	const char *more;           /* what else there is to know; NULL = nothing */
	const char *fallback_words; /* what holds where it is not written, in words, where that depends on something */
	const char *example;        /* a value as it would be written; a section's stands in its own lines */
	bool shown;                 /* the example is in force in the annotated file, not commented out */
};

/* A table of options. A section with many options has several tables, one behind the other. */
struct options {
	const struct option *option;
	size_t count;
	const struct options *more; /* the next table of the section; NULL behind the last */
};

struct section {
	const char *item;  /* what messages call one of a list, before its name: "feed"; NULL = the option's key */
	size_t size;       /* of its structure */
	const char *plain; /* the option that a text in its place is for; NULL = there must be a section */
	struct options options;
};

extern const struct section file_section, hits_section, metrics_section, resolver_section, guard_section,
	category_section, group_section, group_category_section, feed_section, map_section, allow_item_section,
	block_item_section, organisation_section, output_section, sightings_section, trends_section, keep_section,
	pull_section, channel_section, target_section, s3_section, fleet_section, fleet_resolver_section,
	prometheus_section, digest_section, digests_section;
extern const struct options feed_entries_options, feed_server_options, feed_version_options, feed_share_options,
	other_server_options;

/* The option of a section by its index from 0, over all its tables; NULL behind the last. */
const struct option *section_option(const struct section *section, size_t index);

/* The option of this key, or NULL. */
const struct option *option_find(const struct section *section, const char *key);

/* What is expected of an option's value, in words: "a number and a unit (s, m, h, d, w), 1s to 30d". Returns `text`. */
enum { EXPECTED_ROOM = 400 };
const char *option_expected(const struct option *option, char text[EXPECTED_ROOM]);

/* The most octets that a text may have: the option's value, or an item of its list. */
unsigned option_most_octets(const struct option *option);
