/* SPDX-License-Identifier: BSD-3-Clause */
/* The tables of a channel that is promoted from another one: the promoted one, that with what is allowed since, and the
 * candidate. They lie among the bases of the channel's folder (promotion_record.h). */
#pragma once

#include <stddef.h>

#include "feedsync/fleet/promotion_record.h"
#include "libweir/attributes.h"

struct channel;
struct config;
struct why;

enum { PROMOTED_TABLES = 3 };

/* Reads the record, and brings the promoted table up to the overrides of now. A channel that had tables before it was promoted
 * from another one begins with the one that it has. Returns 0, or a negative code with the reason. */
must_check int promoted_table_bring_up(
	struct promotion_record *record, const struct config *config, const struct channel *channel, struct why *why);

/* Adds the table in the file `path` to the folder. Returns 0 and its generation and sum, or a negative code with the
 * reason. */
must_check int promoted_table_add(struct base_table *table, const struct config *config, const struct channel *channel,
	const char *path, struct why *why);

/* The tables that must stay: those that the record names, and the candidate. Returns how many. */
size_t promoted_tables_needed(const struct config *config, const struct channel *channel,
	const struct promotion_record *record, struct base_table needed[PROMOTED_TABLES]);
