/* SPDX-License-Identifier: BSD-3-Clause */
/* The syntaxes that feeds come in. Each is one file of this folder with one parser; registry.c registers them. */
#pragma once

#include <stdio.h>

#include "feedsync/entries/sink.h"
#include "libweir/attributes.h"

struct why;
struct misp_map;

/* What a feed's settings say to its parser. */
struct parse_options {
	enum scope scope;                /* of a name that does not tell its own */
	bool below;                      /* "*.x" is what is below x, and not x itself as well */
	bool lenient_tlp;                /* MISP, STIX: TLP:RED and TLP:AMBER+STRICT may be used too */
	bool lenient_pap;                /* MISP: PAP:RED and PAP:AMBER may be used too */
	const struct nameset *unguarded; /* names that the feed may block though they are guarded; may be NULL */
	const struct misp_map *map;      /* MISP: what is of another category than the feed's (misp_map.h) */
	size_t map_count;
	uint32_t max_age_s; /* entries that were seen last longer ago are expired; 0 = none are */
	uint64_t now;       /* the time by which that is judged, seconds since 1970; 0 = the clock's */
	bool piped;         /* the document may come through a pipe, as one named on a command line may */
	/* formats with fields */
	const char *field;        /* the column, or the path, of the value; NULL where the format has none */
	const char *items;        /* json: the path of the array; NULL = the document, or its lines */
	const char *const *where; /* conditions "FIELD=VALUE", which all must hold */
	size_t where_count;
	const char *seen; /* the column, or the path, of the time when it was seen last; NULL = none */
	/* formats with values */
	bool urls;   /* the values are URLs, and speak of their hosts */
	bool pages;  /* also those of single pages do */
	bool refang; /* the values are written so that nobody follows them: "hxxp", "[.]" */
	bool ports;  /* a port behind a name is dropped */
};

/* The time by which it is judged what is expired, seconds since 1970. */
uint64_t options_now(const struct parse_options *options);

/* Whether what was seen last at this time, seconds since 1970, is expired; 0, a time that is not known, is not. */
bool options_expired(const struct parse_options *options, uint64_t seen);
/* What a version of a feed is, and so how it is fetched. */
enum layout {
	LAYOUT_DOCUMENT, /* one file */
	LAYOUT_EVENTS,   /* a directory: manifest.json, and a file for each event */
	LAYOUT_PAGES,    /* a directory: pages.json (pages.h), and a file for each page */
};

struct format {
	const char *name;
	enum layout layout;
	enum scope scope;     /* what a name without a wildcard usually means in this format */
	bool scope_is_told;   /* each entry tells its own: the setting has no meaning */
	bool has_fields;      /* it must be told which one holds the name */
	bool has_values;      /* what it holds are names as people write them, perhaps URLs, refanged */
	bool has_wildcards;   /* "*.x" may stand for x, or what is below it ... */
	bool below;           /* ... which of the two, unless the feed's settings say otherwise */
	bool is_misp;         /* entries have tags, categories and threat levels, which the settings may speak of */
	bool has_ends;        /* entries may tell when they expire */
	bool has_collections; /* of which the settings name one */
	bool shows_its_end; /* a document that parses is whole, and its beginning is more than a comment: so one without
				 entries says that there are none */
	/* Formats whose feed is one document. `document` is its name for messages. Returns 0, -errno, or -EBADMSG for a
	 * document that is not of this format at all, with the reason. */
	int (*parse)(FILE *in, const char *document, const struct parse_options *options, struct sink *sink,
		struct why *why);
	/* Formats whose feed is a directory of documents; the other is NULL then. */
	int (*parse_directory)(const char *path, const char *document, const struct parse_options *options,
		struct sink *sink, struct why *why);
};

/* The format of that name, or NULL. */
const struct format *format_find(const char *name);

/* Whether entries of a feed may expire without news of it. */
bool format_expires(const struct format *format, const struct parse_options *options);

/* All format names, joined by ", ". */
const char *format_names(void);

/* Parses a feed that is one document, from an open stream, compressed or not. Returns as the parsers do. */
must_check int format_parse_stream(const struct format *format, FILE *in, const char *document,
	const struct parse_options *options, struct sink *sink, struct why *why);

/* Parses the feed at `path`, a file or a directory as the format wants; NULL is standard input. Returns as the parsers
 * do. */
must_check int format_parse(const struct format *format, const char *path, const char *document,
	const struct parse_options *options, struct sink *sink, struct why *why);

int adblock_parse(
	FILE *in, const char *document, const struct parse_options *options, struct sink *sink, struct why *why);
int csv_parse(FILE *in, const char *document, const struct parse_options *options, struct sink *sink, struct why *why);
int json_list_parse(
	FILE *in, const char *document, const struct parse_options *options, struct sink *sink, struct why *why);
int dnsmasq_parse(
	FILE *in, const char *document, const struct parse_options *options, struct sink *sink, struct why *why);
int domains_parse(
	FILE *in, const char *document, const struct parse_options *options, struct sink *sink, struct why *why);
int hosts_parse(
	FILE *in, const char *document, const struct parse_options *options, struct sink *sink, struct why *why);
int rpz_parse(FILE *in, const char *document, const struct parse_options *options, struct sink *sink, struct why *why);
int stix_parse(FILE *in, const char *document, const struct parse_options *options, struct sink *sink, struct why *why);
int unbound_parse(
	FILE *in, const char *document, const struct parse_options *options, struct sink *sink, struct why *why);
int misp_rest_parse(const char *path, const char *document, const struct parse_options *options, struct sink *sink,
	struct why *why);
int taxii_parse(const char *path, const char *document, const struct parse_options *options, struct sink *sink,
	struct why *why);
int misp_feed_parse(const char *path, const char *document, const struct parse_options *options, struct sink *sink,
	struct why *why);
