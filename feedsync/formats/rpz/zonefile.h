/* SPDX-License-Identifier: BSD-3-Clause */
/* Zone files (RFC 1035 section 5, $TTL of RFC 2308, unknown types of RFC 3597), read record by record in bounded memory
 * and without an allocation.
 *
 * A record's owner, type and class are known, and of its data what CNAME, A and AAAA hold; other data must only be
 * words of this syntax (seven, in SOA). That a zone begins with SOA and has one class is for the caller to see.
 *
 * Stricter than the RFC in one point, as BIND is: a quoted string must end in its line ("\010" is a line end in one).
 * Else a single quote that is missing would turn what is records into text, and text into records.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "feedsync/formats/rpz/zone_scan.h"
#include "libweir/attributes.h"
#include "libweir/name.h"

struct why;

struct zonefile {
	/* the record last returned */
	uint64_t line;       /* where it began, from 1 */
	name_storage owner;  /* canonical, absolute */
	size_t owner_length; /* 0: what stands there is no name */
	uint16_t type;       /* enum zone_type (zone_words.h), or another */
	uint16_t class;
	name_storage target; /* of a CNAME record: canonical, absolute */
	size_t target_length;
	/* private */
	bool owned;      /* some record has had an owner, be it none that is a name */
	bool type_named; /* there is a mnemonic for it */
	name_storage origin;
	size_t origin_length;
	struct zone_scan scan;
};

/* Begins, and reads the first octet; `in` is borrowed. The origin is the root until the file tells another. One thread,
 * as for all that follows. */
void zonefile_begin(struct zonefile *zone, FILE *in);

/* Returns 1 with the next record; 0 at the end; -EIO; or -EBADMSG with the reason and its line, where the text is none
 * of a zone file, or leads to what is not in it ($INCLUDE, $GENERATE): then all that follows may mean something else,
 * and there is no going on.
 *
 * A record whose owner is no name is returned as such, whatever its data. Those without an owner behind it, which would
 * have the same, are not. */
must_check int zonefile_next(struct zonefile *zone, struct why *why);
