/* SPDX-License-Identifier: BSD-3-Clause */
/* What status tells of a channel that is promoted from another one. */
#pragma once

#include <stddef.h>

#include "feedsync/fleet/promotion_record.h"
#include "feedsync/status/conditions.h"
#include "libweir/errors.h"

struct node;
struct report;

struct channel_promotion {
	struct promotion_record record;
	struct promotion_health health;
	struct why unread; /* why the record cannot be read; "" = it can */
};

/* Reads all of them; of channels that have each published table at once there is nothing. */
void promotions_gather(struct report *report);

/* What keeps a channel from new tables: CHANNEL_HALTED, CHANNEL_NOT_PROMOTED, CONDITION_WELL; and what was seen, in `detail`. */
enum condition promotion_condition(const struct report *report, size_t channel, const char **detail);

/* The lines of the channel of a number; nothing where it is not promoted. */
void promotion_words(const struct report *report, size_t number);

/* Likewise; NULL, which is null, where it is not promoted. */
struct node *promotion_json(const struct report *report, size_t number);
