/* SPDX-License-Identifier: BSD-3-Clause */
/* The words before a record's data in a zone file: types, classes, times to live. A NUL ends each word. If a function
 * returns false, what it wrote means nothing. All functions are pure: any thread may call them. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "libweir/attributes.h"

/* Types (IANA, "Resource Record (RR) TYPEs") and classes that the code names. */
enum zone_type {
	ZONE_A = 1,
	ZONE_NS = 2,
	ZONE_CNAME = 5,
	ZONE_SOA = 6,
	ZONE_AAAA = 28,
	ZONE_DNAME = 39,
	ZONE_DS = 43,
	ZONE_RRSIG = 46,
	ZONE_NSEC = 47,
	ZONE_DNSKEY = 48,
	ZONE_NSEC3 = 50,
	ZONE_NSEC3PARAM = 51,
	ZONE_CDS = 59,
	ZONE_CDNSKEY = 60,
	ZONE_ZONEMD = 63,
};
enum { ZONE_CLASS_IN = 1 };

/* Reads a type: a mnemonic that IANA has for the type of a record, in any case, or TYPE and a number (RFC 3597 section
 * 5). Returns whether it is one; *named says whether there is a mnemonic for it. */
must_check bool zone_type_read(const char *word, uint16_t *type, bool *named);

/* Reads a class: IN, CH, HS, NONE or ANY, in any case, or CLASS and a number. Returns whether it is one. */
must_check bool zone_class_read(const char *word, uint16_t *class);

/* Reads a number of 16 bits, in decimal digits and nothing else. Returns whether it is one. */
must_check bool zone_number_read(const char *word, uint16_t *number);

/* Whether the word is a time to live: a number of seconds, or numbers with units (w, d, h, m, s), like 1h30m. It may be
 * of any size, since nobody uses it. */
must_check bool zone_is_ttl(const char *word);
