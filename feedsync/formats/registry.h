/* SPDX-License-Identifier: BSD-3-Clause */
/* The formats that feeds come in.
 *
 * A format is one row, `struct format`, in the file that parses it: it says everything that the rest of the program
 * asks about the format. EACH_FORMAT below lists the rows, and nothing else does. To add a format of text: its file, a
 * line in EACH_FORMAT, a line in CMakeLists.txt, and its vectors (tests/data/formats/README.md).
 */
#pragma once

#include "feedsync/formats/parse.h"
#include "feedsync/formats/span.h"

/* What a version of a feed is, and so how it is fetched. */
enum layout {
	LAYOUT_DOCUMENT, /* one file */
	LAYOUT_EVENTS,   /* a directory: manifest.json, and a file for each event */
	LAYOUT_PAGES,    /* a directory: pages.json (pages.h), and a file for each page */
	LAYOUT_LISTING,  /* a directory: events.json (misp/misp_listing.h), and a file for each event */
};

struct format {
	const char *name;     /* as the configuration and the command line write it */
	const char *sentence; /* what it is, for the manual */
	enum layout layout;

	/* Which settings a feed of the format takes, and what holds where they are not given. */
	enum scope scope;   /* what a name without a wildcard usually means in this format */
	bool scope_is_told; /* each entry tells its own scope: the setting has no meaning */
	bool has_fields;    /* the setting `field` must say which one holds the name */
	bool has_columns;   /* the setting `separator` may say what parts fields */
	bool has_values;    /* names as people write them, perhaps as URLs, perhaps disguised */
	bool has_wildcards; /* "*.x" may mean x and what is below it, or only what is below it */
	bool below;         /* it means the latter, unless the feed's settings say otherwise */
	bool is_misp;       /* entries have tags, categories and threat levels, which the settings may name */
	bool has_markings; /* entries may be marked by the Traffic Light Protocol, and by the Permissible Actions Protocol */
	bool is_stix;      /* entries are indicators, which may tell a confidence, and whether they are for detection */
	bool has_collections; /* the settings name one of them */

	/* What can be known from a version of the feed. */
	bool tells_expiry;          /* entries may tell when they expire */
	bool empty_means_withdrawn; /* a document that parses is whole: one without entries withdraws them all */

	/* The parser: one of these, the others are NULL. Each returns 0; what the sink's take returned; -errno; or
	 * -EBADMSG for what is not of this format at all. The reason of an error is in parse->why, but that of a sink's
	 * error is not: its caller knows it. */
	/* Documents in which each line stands for itself. The line is neither too long nor holds a NUL octet. */
	int (*parse_line)(const struct parse *parse, struct span line, const struct position *position);
	/* Other documents: parse->in. */
	int (*parse_document)(const struct parse *parse);
	/* Directories of documents: parse->path. */
	int (*parse_directory)(const struct parse *parse);
};

/* A line for each, in the order in which people are told of them. */
/* clang-format off */
#define EACH_FORMAT(row) \
	row(domains) \
	row(hosts) \
	row(adblock) \
	row(dnsmasq) \
	row(unbound) \
	row(rpz) \
	row(csv) \
	row(json) \
	row(stix) \
	row(misp_feed) \
	row(misp_rest) \
	row(taxii)
/* clang-format on */

#define DECLARE_FORMAT(row) extern const struct format format_##row;
EACH_FORMAT(DECLARE_FORMAT)
#undef DECLARE_FORMAT

/* The format of that name, or NULL. */
const struct format *format_find(const char *name);

/* The formats one by one, from 0; NULL behind the last. */
const struct format *format_at(unsigned index);

/* All format names, joined by ", ". The text stays valid; not to be called by several threads at once. */
const char *format_names(void);

/* Whether entries of a feed may expire without news of it. */
bool format_expires(const struct format *format, const struct parse_options *options);

/* Parses a feed that is one document from the open stream parse->in, compressed or not. Returns as the parsers do. */
must_check int format_parse_stream(const struct format *format, const struct parse *parse);

/* Parses the feed at parse->path, a file or a directory as the format wants; NULL is standard input. Returns as the
 * parsers do. */
must_check int format_parse(const struct format *format, const struct parse *parse);
