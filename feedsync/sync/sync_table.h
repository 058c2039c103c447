/* SPDX-License-Identifier: BSD-3-Clause */
/* One table: what the feeds hold and the operator lists is compiled, judged, published, and told to the resolvers. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "feedsync/sync/sync.h"
#include "libweir/attributes.h"

struct compile_feed;
struct guard;
struct why;

/* The feeds that have a good version, as the compiler wants them. Returns how many; source.feed of
 * each is its index. */
size_t sync_table_list_good(const struct config *config, const struct feed *feeds, struct compile_feed *list);

/* Whether the table's size is accepted: by itself, or with that of a feed. */
bool sync_table_size_accepted(const struct sync *sync);

/* Makes a table of what is good and, if it is another one, publishes it, unless somebody holds it. May fail and yet
 * have published: the operator's lists alone. Returns 0, -errno or WEIR_ELIMIT, with the
 * reason. */
must_check int sync_table_publish(
	struct sync *sync, const struct guard *guard, uint64_t fetch_ms, bool *published, bool *held, struct why *why);
