/* SPDX-License-Identifier: BSD-3-Clause */
/* Zone files (RFC 1035 section 5, $TTL of RFC 2308, unknown types of RFC 3597), read record by record in bounded memory
 * and without an allocation.
 *
 * The reader knows a record's owner, type and class, and the data of CNAME, A and AAAA. Other data must only be words of
 * this syntax (seven, in SOA). The caller checks what belongs to which zone, and that it has one class.
 *
 * It is stricter than the RFC in one point, as BIND is: a quoted string must end in its line ("\010" stands for a line end
 * in it). Else one missing quote would turn records into text, and text into records.
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
	size_t owner_length; /* 0: the owner is not a name */
	bool absolute;       /* the owner was written as a whole name, not as one relative to the origin */
	uint16_t type;       /* enum zone_type (zone_words.h), or another */
	uint16_t class;
	name_storage target; /* of a CNAME record: canonical, absolute */
	size_t target_length;
	/* private */
	bool owned;      /* a record had an owner, be it a name or not */
	bool type_named; /* there is a mnemonic for it */
	name_storage origin;
	size_t origin_length;
	struct zone_scan scan;
};

/* Begins, and reads the first octet; `in` is borrowed. The origin is the root until the file names another. One thread,
 * here and below. */
void zonefile_begin(struct zonefile *zone, FILE *in);

/* Returns 1 with the next record; 0 at the end; -EIO; or -EBADMSG with the reason and its line. -EBADMSG means that the
 * text is no zone file, or needs what is not in it ($INCLUDE, $GENERATE): all that follows may mean something else, so
 * reading cannot go on.
 *
 * A record whose owner is no name is returned with owner_length 0, whatever its data, and so is a line with nothing but
 * an owner, unless it is the first. The records after it that have no
 * owner of their own are passed over. */
must_check int zonefile_next(struct zonefile *zone, struct why *why);

/* The name that relative names are relative to now: $ORIGIN, or the root. Returns its length. */
size_t zonefile_origin(const struct zonefile *zone, name_storage origin);
