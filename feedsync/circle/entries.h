/* SPDX-License-Identifier: BSD-3-Clause */
/* What could be published to others: the items of the list `block`, and the entries of feeds that may go on
 * (`republish: yes`), from their last good versions. What is blocked by command is an emergency of this place, and none.
 *
 * Others are told of nothing that is not blocked here: each entry is looked up in the published table. So an allow, the
 * operator's own names, an exception of a feed and a feed that is held back count for others as they do here. Besides, the
 * guard counts for all entries, also for `block`, which may overrule it here. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "feedsync/circle/text_room.h"
#include "feedsync/circle/withheld.h"
#include "feedsync/config/configuration.h"
#include "libweir/attributes.h"

struct guard;
struct why;

struct shared_entry {
	const char *name; /* in text */
	const uint8_t *wire;
	uint8_t length;
	enum scope scope;
	uint16_t feed;     /* number in the configuration; feed_count is the operator */
	uint16_t category; /* likewise; never a variant */
	struct marking marking;
	uint64_t expires_at; /* seconds since 1970; 0 = never, or its feed does not tell */
	const char *reason;
	enum withheld withheld; /* from every output */
};

struct shared_entries {
	struct shared_entry *list;
	size_t count, room;
	uint64_t now;        /* when they were gathered: what ends by then is none of them */
	const char **unread; /* of each feed: why its last good version cannot be read now, or NULL */
	struct text_room texts;
};

enum { MAX_SHARED_ENTRIES = 2000000 };

/* Gathers what the outputs of the configuration may take. Returns 0; or a negative code with the reason: the table, the
 * guard's lists or the overrides cannot be read, there is no memory, or there are more than MAX_SHARED_ENTRIES. A feed
 * that cannot be read is noted in `unread`; its entries are not known then. shared_entries_free must follow in either
 * case. */
must_check int shared_entries_gather(
	struct shared_entries *entries, const struct config *config, uint64_t now, struct why *why);
void shared_entries_free(struct shared_entries *entries);
