/* SPDX-License-Identifier: BSD-3-Clause */
/* A sighting: what a partner is told of an entry that he published. Either that it was hit here on a day, or that the operator
 * says that it is a mistake. It holds nothing of who asked, nor the name that was asked for. */
#pragma once

#include <stdint.h>

#include "feedsync/base/uuid.h"
#include "feedsync/config/configuration.h"
#include "feedsync/entries/marking.h"

/* What is told of the entry; the numbers are MISP's. */
enum sighting_type {
	SIGHTING_HIT = 0,
	SIGHTING_FALSE_POSITIVE = 1, /* once an entry, whatever the day */
};

enum sighting_state {
	SIGHTING_PENDING, /* to be told */
	SIGHTING_SENT,    /* the server has taken it */
	SIGHTING_REFUSED, /* the server does not take it, and would not later */
	SIGHTING_EXPIRED, /* it was pending for too long */
	SIGHTING_STATES
};

enum { SIGHTING_GROUP = 64, SIGHTING_ENTRY = 128, SIGHTING_WORDS = 256 };

/* Days count from 1970 (UTC), times are seconds since 1970. All of it is fixed once it is pending (sighting_store.h). */
struct sighting {
	uint64_t day; /* on which it was hit; of a false positive: on which it was reported */
	enum sighting_type type;
	char uuid[UUID_TEXT];       /* of itself */
	char group[SIGHTING_GROUP]; /* what entries are sent together: of MISP the event's UUID; "": all are */
	char entry
		[SIGHTING_ENTRY]; /* the entry's identifier: of MISP the attribute's UUID, of STIX the indicator's id; "": the
				     * entry is known by its name */
	uint64_t at;   /* the time that it is told with: the last second of its day; of a false positive: when */
	uint64_t hits; /* as trends show them, of two digits; 0: they may not be told */
	struct marking marking; /* of the entry, or of the feed; who is told must not be less strict with it */
	const char *name;       /* the rule, in text */
	enum scope scope;
	const char *feed;
	/* what became of it */
	int64_t id; /* in the store */
	enum sighting_state state;
	uint32_t tries;
	uint64_t changed_at; /* when it came to this state */
	const char *words;   /* the server's, where it is refused; "" */
};

/* The words: "pending", "sent", "refused", "expired"; "hit", "false positive". */
const char *sighting_state_text(enum sighting_state state);
const char *sighting_type_text(enum sighting_type type);

/* Sets its UUID, of version 5: of what is made of it ("misp", "stix", "misp-feed"), the entry, the day and the type. That of a
 * false positive is the same on each day, so that an entry has one at most, whatever is lost here. */
void sighting_identify(struct sighting *sighting, const struct organisation *organisation, const char *made);
