/* SPDX-License-Identifier: BSD-3-Clause */
/* What a parser is told: the document, the feed's settings, and where what it finds goes. */
#pragma once

#include <stdio.h>

#include "feedsync/entries/sink.h"
#include "libweir/attributes.h"

struct why;
struct misp_map;

/* What a feed's settings say to its parser. */
struct parse_options {
	enum scope scope; /* of a name that does not tell its own */
	bool below;       /* "*.x" means only what is below x */
	bool lenient_tlp; /* MISP, STIX: TLP:RED and TLP:AMBER+STRICT may be used too */
	bool lenient_pap; /* MISP, STIX: PAP:RED and PAP:AMBER may be used too */
	/* Who we are, where entries tell who published them: what comes from ourselves is not taken again. Both are UUIDs in
	 * any case, NULL = not told. */
	const char *own_organisation; /* MISP's */
	const char *own_identity;     /* STIX: an identity may have either of these */
	bool own_by_weir;             /* MISP: of our own, only what Weir published: our people may write there, too */
	bool detection_only;          /* STIX: what says that it is not for detection is left out */
	uint32_t min_confidence;      /* STIX: of 100; 0 = any, or none */
	const struct misp_map *map;   /* MISP: which entries have another category than the feed's (misp_map.h) */
	size_t map_count;
	uint32_t max_age_s; /* entries that were seen last longer ago are expired; 0 = none are */
	uint64_t now;       /* the time by which that is judged, seconds since 1970; 0 = the clock's */
	bool piped;         /* the document may come through a pipe: it was named on a command line */
	/* formats with fields */
	const char *field;        /* the column, or the path, of the value; NULL where the format has none */
	char separator;           /* csv: what parts columns; '\0' = as the header shows, or a comma */
	const char *items;        /* json: the path of the array; NULL = the document, or its lines */
	const char *const *where; /* conditions (record.h), which all must hold */
	size_t where_count;
	const char *seen; /* the column, or the path, of the time when it was seen last; NULL = none */
	/* formats with values */
	bool urls;   /* the values are URLs: their hosts are taken */
	bool pages;  /* also those of URLs of single pages */
	bool refang; /* the values are disguised so that nobody follows them: "hxxp", "[.]" */
	bool ports;  /* a port behind a name is dropped */
};

/* One feed to be parsed. All is borrowed; one thread. */
struct parse {
	FILE *in;             /* the document; for formats whose feeds are documents */
	const char *path;     /* the directory; for formats whose feeds are directories */
	const char *document; /* the name of either, for messages */
	const struct parse_options *options;
	struct sink *sink; /* takes what is found */
	struct why *why;   /* receives the reason of an error */
	void *state;       /* the parser's own, of this document; NULL where it has none */
};

/* The time by which entries expire, seconds since 1970. */
uint64_t parse_now(const struct parse_options *options);

/* Whether an entry that was seen last at this time, seconds since 1970, has expired. 0 = the time is not known: it has
 * not. */
bool parse_expired(const struct parse_options *options, uint64_t seen);
