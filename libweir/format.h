/* SPDX-License-Identifier: BSD-3-Clause */
/* The table file, format versions 3 and 4. This page is the format: the builder writes it, the reader checks it.
 *
 * All numbers are little-endian. Six parts follow each other. Only their lengths are stored, so no offset can be wrong.
 * Each part has its own checksum (XXH3, 64 bit):
 *
 *   header    256 octets: what this is, the hash key, the lengths, the checksums. No other part has a generation or a
 *             time: two tables with the same rules and policy differ in the header only.
 *   policy    feeds, categories, actions and verdicts (policy.h)
 *   symbols   the dictionary that names are compressed with (symbols.h), zero octets up to a multiple of 64
 *   index     lines of 64 octets, a hash table of short tags
 *   filter    three words of 64 bits for each home line, a Bloom filter
 *   names     the rules' names, compressed, in the order of their tags
 *
 * Idea. More than 99 % of lookups find nothing. They should touch one cache line only, in a part that stays in the
 * processor's cache even where the table does not. A *node* is a name that carries a rule, or a name with such a name
 * below it. Each node has a 64-bit key: the keyed hash of its canonical wire form. The key's upper bits, scaled, choose
 * its home line; its lower bits give the tag. A lookup tries the query's last two labels, then three, and so on (a
 * single label is never a node, see below). For each it asks the filter and, only if the filter knows the key, the index. It stops
 * at the first suffix that the filter does not know, or that has no tag: nothing can be listed at or below it. Only the
 * tag of a rule leads to `names`, where the name is compared octet by octet. So a hit is never a collision. A false tag
 * costs time, never a wrong answer, so nodes without a rule need no name.
 *
 * A line holds 29 tags. Nodes are placed in the order of their keys. Each goes into the first line from its home on
 * that has room. Home lines rise with keys, so this is linear probing in sorted order: it is deterministic, and a
 * change of a few names changes few lines. `reach` says how many lines behind a home line its nodes may lie. It is at
 * most WEIR_MAX_REACH, which bounds every probe.
 *
 *   line:   0  u32  octets of `names` that belong to this line (in memory: where they begin)
 *           4  u16  reach
 *           6  u16  tag[29], 0 = free; used ones first, in the order of their keys
 *   tag:    bits 0-13 check (the key's lower bits, 1 for 0), bit 14 MORE (something is listed below), bit 15 RULE
 *
 * The filter has one word for each key, chosen by the upper bits like the home line. Four bits in that word, chosen by
 * the key's bits 14 to 37, belong to the key; each node has set its own. With 8 bits for a node the filter passes some
 * 3 % of what is not listed. It takes a thirteenth of the room of the index and the names.
 *
 *   names:  per RULE tag, in order: one entry.
 *   entry:  u8   bits 0-5 length of the compressed name (63: a u16 follows with the length),
 *                bits 6-7 class (3: a LEB128 number follows with class - 3)
 *           then the compressed name: its text without escapes, lower case, no trailing dot.
 *   A *class* is a pair of verdicts, for the name itself and for what is below it (policy.h).
 *
 * Version 4 has what 3 has not. In the header, WEIR_HAS_SINGLE: a single label can be a node, so that a lookup begins
 * there; only the operator can block such a name (a top-level domain). In the policy, what policy_version tells of. It is
 * written only where one of these is used. All other tables are of version 3, so that older readers have them.
 *
 * Reader and writer are upgraded one after the other, in either order. So a reader also knows the version before its
 * own. Whoever raises WEIR_VERSION leaves WEIR_VERSION_OLDEST one below it, decodes by the header's version, and adds
 * an example of the new version to those of tests/unit/libweir/test_format.c, which are octet by octet and never
 * change. (Before 3 there was no such promise.) tests/bench/layouts.md tells what else was tried.
 */
#pragma once

#include <stdint.h>

#define WEIR_MAGIC "WEIR\r\n\x1a\n" /* breaks under text conversion, as PNG's */
#define WEIR_VERSION 4              /* what is written where something needs it ... */
#define WEIR_VERSION_USUAL 3        /* ... and else */
#define WEIR_VERSION_OLDEST 3       /* what is read: from here on */
#define WEIR_HEADER 256
#define WEIR_LINE 64
#define WEIR_LINE_TAGS 29
#define WEIR_MAX_REACH 7
#define WEIR_FILTER_WORDS 3               /* for each home line */
#define WEIR_MAX_FILE (UINT64_C(1) << 32) /* octets: some 300 million names */

#define WEIR_HAS_SINGLE 1 /* of the header's flags: a single label can be a node */

#define WEIR_TAG_CHECK 0x3fff
#define WEIR_TAG_MORE 0x4000
#define WEIR_TAG_RULE 0x8000

#define WEIR_ENTRY_LONG 63   /* value of the length bits: a u16 follows */
#define WEIR_ENTRY_CLASSES 3 /* classes that need no further octet; value of the class bits: LEB128 follows */

/* Header fields, decoded. Offsets in the file stand beside them. */
struct weir_header {
	uint32_t version;        /*   8 */
	uint32_t flags;          /*  12  zero in version 3 */
	uint64_t generation;     /*  16 */
	uint64_t created;        /*  24  seconds since 1970, 0 = not told */
	uint64_t key;            /*  32  seed of the hash */
	uint64_t rules;          /*  40  names that carry a rule */
	uint64_t marks;          /*  48  nodes without one */
	uint32_t homes;          /*  56  home lines */
	uint32_t lines;          /*  60  homes and the lines after them that took overflow */
	uint64_t policy_length;  /*  64 */
	uint64_t symbols_length; /*  72 */
	uint64_t names_length;   /*  80 */
	uint64_t policy_sum;     /*  88 */
	uint64_t symbols_sum;    /*  96 */
	uint64_t index_sum;      /* 104 */
	uint64_t filter_sum;     /* 112 */
	uint64_t names_sum;      /* 120 */
				 /* 128-247 zero */
				 /* 248  checksum of octets 0-247 */
};

/* A line of the index as it lies in memory and, on a little-endian machine, in the file. */
struct weir_line {
	uint32_t names;
	uint16_t reach;
	uint16_t tag[WEIR_LINE_TAGS];
};
_Static_assert(sizeof(struct weir_line) == WEIR_LINE, "an index line is one cache line");

/* Writes all WEIR_HEADER octets, checksum included. */
void header_encode(uint8_t out[WEIR_HEADER], const struct weir_header *header);

struct why;
/* Checks magic, version and header checksum, in this order, and decodes. Returns 0, WEIR_EFORMAT, or WEIR_EVERSION for
 * a version that is not from WEIR_VERSION_OLDEST to WEIR_VERSION. The checksum of such a header is not judged: only the
 * magic and the version number have the same place in every version. */
int header_decode(struct weir_header *header, const uint8_t in[WEIR_HEADER], struct why *why);

/* The labels of the shortest name that can be a node. */
unsigned header_least_labels(const struct weir_header *header);

/* The length of the filter in octets. */
uint64_t header_filter_length(const struct weir_header *header);

/* The length of a file with this header in octets, or 0 if that exceeds the format's limits. */
uint64_t header_file_length(const struct weir_header *header);
