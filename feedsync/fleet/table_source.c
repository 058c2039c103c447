/* SPDX-License-Identifier: BSD-3-Clause */
#include "feedsync/fleet/table_source.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "feedsync/base/path_sum.h"
#include "feedsync/config/configuration.h"
#include "feedsync/fleet/promoted_table.h"
#include "feedsync/fleet/promotion_record.h"
#include "feedsync/publish/overrides.h"
#include "libweir/errors.h"
#include "libweir/hash.h"

size_t channel_find_promoted(const struct config *config, size_t number, const struct channel *from)
{
	while (number < config->channel_count && config->channels[number].promote_from != from)
		number++;
	return number;
}

/* The channel whose promoted table this one is given, or NULL: it is given what is published. */
static const struct channel *find_promoted_line(const struct config *config, const struct channel *channel)
{
	struct promotion_record record;
	struct why why;
	for (size_t i = 0; (i = channel_find_promoted(config, i, channel)) < config->channel_count; i++) {
		const struct channel *promoted = &config->channels[i];
		if (promotion_record_read(&record, config->state, promoted, &why) == 0 && record.halted_at > 0 &&
			record.promoted.generation > 0)
			return promoted;
	}
	return channel->promote_from ? channel : NULL;
}

int table_source_find(
	struct table_source *source, const struct config *config, const struct channel *channel, struct why *why)
{
	const struct channel *line = find_promoted_line(config, channel);
	struct promotion_record record;
	*source = (struct table_source){.channel = channel};
	if (!line) {
		snprintf(source->folder, sizeof source->folder, "%s/fleet", config->state);
		snprintf(source->table, sizeof source->table, "%s", config->table);
		return 0;
	}
	int status = promoted_table_bring_up(&record, config, line, why);
	if (status != 0)
		return status;
	if (record.promoted.generation == 0)
		return why_set(
			why, -ENODATA, "no table has been promoted from channel %s yet", line->promote_from->name);
	const bool amended = record.amended.generation > 0;
	promotion_folder(config->state, line, source->folder);
	base_table_path(source->folder, amended ? &record.amended : &record.promoted, source->table);
	source->promoted = true;
	source->urgent = amended || line != channel || record.promoted_by[0];
	source->needed_count = promoted_tables_needed(config, line, &record, source->needed);
	return 0;
}

uint64_t table_source_sum(const struct config *config, const struct channel *channel)
{
	char folder[FOLDER_TEXT];
	uint64_t sums[2 + MAX_CHANNELS] = {path_sum(config->table)};
	size_t count = 1;
	if (sums[0] == 0)
		return 0;
	if (channel->promote_from) {
		sums[0] = path_sum_in(config->state, OVERRIDES_FILE);
		sums[count++] = path_sum_in(promotion_folder(config->state, channel, folder), PROMOTION_RECORD);
	}
	for (size_t i = 0; (i = channel_find_promoted(config, i, channel)) < config->channel_count; i++)
		sums[count++] =
			path_sum_in(promotion_folder(config->state, &config->channels[i], folder), PROMOTION_RECORD);
	return XXH3_64bits(sums, count * sizeof *sums);
}

uint64_t table_source_generation(const struct config *config, const struct channel *channel, uint64_t published)
{
	const struct channel *line = find_promoted_line(config, channel);
	struct promotion_record record;
	struct why why;
	if (!line)
		return published;
	if (promotion_record_read(&record, config->state, line, &why) != 0)
		return 0;
	return record.amended.generation > 0 ? record.amended.generation : record.promoted.generation;
}
