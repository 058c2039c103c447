/* SPDX-License-Identifier: BSD-3-Clause */
/* Which table a channel is given, and where what is made of it lies:
 *
 *   the published table          <state>/fleet
 *   the table that is promoted   <state>/fleet/promotion/<channel>, for that channel; and, while it is halted, also for the
 *                                channel from which it is promoted
 *
 * What the operator allows by command does not wait for a trial: it is put into the promoted table. Such a table blocks
 * nothing that the promoted one does not block (publish/amend_table.h), so there is nothing to try. */
#pragma once

#include <limits.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "feedsync/fleet/base_tables.h"
#include "feedsync/fleet/promoted_table.h"
#include "libweir/attributes.h"

struct channel;
struct config;
struct why;

struct table_source {
	const struct channel *channel; /* borrowed */
	char folder[FOLDER_TEXT], table[PATH_MAX];
	bool promoted; /* it is a promoted table */
	bool urgent;   /* somebody waits for that; of a published one bundle_make finds out */
	struct base_table needed[PROMOTED_TABLES]; /* that must not be removed from the folder */
	size_t needed_count;
};

/* Finds it, and brings a promoted table up to what is allowed now. Returns 0; -ENODATA with the reason where nothing is promoted
 * yet; or another negative code, with the reason. */
must_check int table_source_find(
	struct table_source *source, const struct config *config, const struct channel *channel, struct why *why);

/* A sum of all that decides it: where it has changed, the channel may have to get another table. 0: there is none. Any thread. */
uint64_t table_source_sum(const struct config *config, const struct channel *channel);

/* The generation that a channel should have, or 0 where it is not known. Changes nothing. */
uint64_t table_source_generation(const struct config *config, const struct channel *channel, uint64_t published);

/* The next channel, from this number on, that is promoted from `from`; channel_count if there is none. */
size_t channel_find_promoted(const struct config *config, size_t number, const struct channel *from);
