/* SPDX-License-Identifier: BSD-3-Clause */
/* Who we are to others, and what we publish to them: `organisation` and `share` of the configuration. Texts and arrays are
 * owned by the configuration. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "feedsync/entries/marking.h"
#include "libweir/name.h"

/* The formats that we write, a line each: the word, and what it is. Each has a row in feedsync/circle (rendering.h). */
/* clang-format off */
#define EACH_RENDERING(row) \
	row(domains, "domains", "one name on each line, \"*.\" before one that means what is below it too") \
	row(rpz, "rpz", "a response policy zone, as BIND, Unbound, PowerDNS and Knot Resolver take it") \
	row(misp_feed, "misp-feed", "a folder of MISP events") \
	row(stix, "stix", "a bundle of STIX 2.1") \
	row(taxii, "taxii", "a TAXII 2.1 collection as files, for a web server to hand out")
/* clang-format on */

struct organisation {
	const char *name;
	const char *uuid; /* in lower case; all identifiers that we make come from it */
	const char *contact;
	const char *identity; /* the UUID of our identity in STIX: of version 5, of the part "identity" */
};

/* One destination: what goes there, in which format, for whom. */
struct output {
	const char *name;
	const char *format; /* a word of EACH_RENDERING */
	const char *to;     /* directory: releases, and the link `current` */
	const char *const *recipients;
	unsigned recipient_count;
	enum tlp ceiling;              /* nothing more restrictive goes in: TLP_CLEAR, TLP_GREEN or TLP_AMBER */
	bool of_operator;              /* the list `block` goes in */
	const bool *of;                /* of each feed of the configuration: whether it goes in */
	const char *const *categories; /* only these; none: all */
	unsigned category_count;
	const char *sign_key_file; /* NULL: it is not signed */
	const char *zone;          /* rpz: the zone's name in text, without trailing dot */
	name_storage zone_wire;
	uint8_t zone_length;
	uint32_t tombstones_s; /* how long withdrawn items are told */
};
