/* SPDX-License-Identifier: BSD-3-Clause */
/* What we publish to others: items. An item is a name with a scope and a category that we list, once: a name that is
 * listed again after it was withdrawn is another item, of the next *listing*. So an identifier means one thing for ever. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "feedsync/base/uuid.h"
#include "feedsync/config/share_config.h"
#include "feedsync/entries/marking.h"
#include "libweir/name.h"
#include "libweir/policy.h"

enum item_state {
	ITEM_LIVE,
	ITEM_WITHDRAWN, /* we took it back: a tombstone */
	ITEM_EXPIRED,   /* its time is over: likewise */
	ITEM_STATES
};

/* Times are seconds since 1970. Texts are UTF-8 without control characters, and borrowed from who made the list. */
struct item {
	const char *name; /* in text: plain octets only, without trailing dot */
	const uint8_t *wire;
	uint8_t length;
	enum scope scope; /* exact or subtree */
	const char *category;
	uint32_t listing;     /* how many times it has been listed, from 1 */
	char uuid[UUID_TEXT]; /* of (name, scope, category, listing) */
	/* Its event, in formats that have events. An event is of one category, of one month in which its items were listed
	 * first, and of one TLP; it has at most MAX_EVENT_ITEMS items. An item never leaves its event. */
	char month[8];          /* "2026-11" */
	uint32_t part;          /* from 1: an event that is full, or of another TLP, is followed by the next */
	char event[UUID_TEXT];  /* of (category, month, part) */
	struct marking marking; /* what it goes out with: both are known words, PAP green unless it says otherwise */
	enum item_state state;
	uint64_t listed_at;  /* when this listing began */
	uint64_t changed_at; /* the last change: of its text or its expiry, or its end; grows with each */
	uint64_t expires_at; /* 0 = never; not in formats' "valid" sense: the first second in which it is over */
	const char *reason;  /* of the operator's list, or "" */
	uint32_t serial;     /* the release of this output in which it changed last */
};

/* Sets the identifiers of an item, by its name, scope, category, listing, month and part. */
void item_identify(struct item *item, const struct organisation *organisation);

/* The most items of an event. */
enum { MAX_EVENT_ITEMS = 5000 };

/* Whether two items are the same rule, for a reader who does not see categories: of one name and scope. */
bool item_is_same_rule(const struct item *a, const struct item *b);

/* By name in order of octets, scope, category, listing. */
int item_compare(const void *a, const void *b);
