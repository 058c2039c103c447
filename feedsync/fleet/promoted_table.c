/* SPDX-License-Identifier: BSD-3-Clause */
#include "feedsync/fleet/promoted_table.h"

#include <errno.h>
#include <stdio.h>
#include <unistd.h>

#include "feedsync/base/atomic_file.h"
#include "feedsync/base/log.h"
#include "feedsync/base/path_sum.h"
#include "feedsync/base/table_file.h"
#include "feedsync/base/wall_clock.h"
#include "feedsync/config/configuration.h"
#include "feedsync/fleet/channel_record.h"
#include "feedsync/publish/amend_table.h"
#include "feedsync/publish/overrides.h"
#include "feedsync/publish/publication.h"
#include "libweir/errors.h"
#include "libweir/hash.h"
#include "libweir/table.h"

int promoted_table_add(struct base_table *table, const struct config *config, const struct channel *channel,
	const char *path, struct why *why)
{
	char folder[FOLDER_TEXT], bases[PATH_MAX];
	struct manifest_table described;
	promotion_folder(config->state, channel, folder);
	int lock = base_tables_lock(folder, why);
	if (lock < 0)
		return lock;
	int status = base_tables_add(folder, path, table, &described, why);
	close(lock);
	snprintf(bases, sizeof bases, "%s/bases", folder);
	return status == 0 ? directory_sync(bases, why) : status;
}

size_t promoted_tables_needed(const struct config *config, const struct channel *channel,
	const struct promotion_record *record, struct base_table needed[PROMOTED_TABLES])
{
	struct promotion_health health;
	promotion_health_read(&health, config->state, channel);
	const struct base_table all[] = {record->promoted, record->amended, health.trial.candidate};
	size_t count = 0;
	for (unsigned i = 0; i < sizeof all / sizeof *all; i++)
		if (all[i].generation > 0)
			needed[count++] = all[i];
	return count;
}

/* ---- the first one ---- */

/* A channel that had tables of its own before: the last one of these is as good as promoted. */
static int adopt_last_table(
	struct promotion_record *record, const struct config *config, const struct channel *channel, struct why *why)
{
	struct channel_record last;
	struct base_table table;
	char folder[FOLDER_TEXT], path[PATH_MAX];
	channel_record_read(&last, config->state, channel);
	table.generation = last.generation;
	snprintf(table.sha256, sizeof table.sha256, "%s", last.sha256);
	snprintf(folder, sizeof folder, "%s/fleet", config->state);
	if (last.generation == 0 || access(base_table_path(folder, &table, path), R_OK) != 0)
		return 0;
	int status = promoted_table_add(&record->promoted, config, channel, path, why);
	if (status != 0)
		return status;
	record->promoted_at = wall_now();
	return promotion_record_write(record, config->state, channel, why);
}

/* ---- what is allowed by command ---- */

/* Whether two tables, of which one may not be there, say the same. */
static bool is_table_of_body(const char *path, uint64_t body_sum)
{
	struct table *table;
	struct why why;
	if (table_open(&table, path, &why) != 0)
		return false;
	bool same = table_body_sum(table) == body_sum;
	table_close(&table);
	return same;
}

/* Makes the table with the allows in the file `path`. Returns 1; 0 where it says the same as the promoted one, or as the one that
 * is there (`*same`); or a negative code with the reason. */
static int make_amended(const struct promotion_record *record, const struct config *config, const char *folder,
	const char *path, uint64_t generation, bool *same, struct why *why)
{
	struct overrides overrides;
	struct table *base = NULL;
	struct build_result result;
	struct atomic_file file;
	char old[PATH_MAX];
	*same = false;
	atomic_file_sweep(folder);
	int status = overrides_read(&overrides, config, why);
	if (status == 0)
		status = table_file_open(&base, base_table_path(folder, &record->promoted, old), why);
	if (status == 0)
		status = atomic_file_begin(&file, path, MODE_PUBLIC, why);
	if (status == 0) {
		status = amend_to_pass(config, base, &overrides, generation, file.fd, &result, why);
		*same = status == 0 && record->amended.generation > 0 &&
			is_table_of_body(base_table_path(folder, &record->amended, old), result.body_sum);
		if (status == 0 && !*same && result.body_sum != table_body_sum(base))
			status = atomic_file_commit(&file, why) < 0 ? -EIO : 1;
		else
			atomic_file_abort(&file);
	}
	table_close(&base);
	overrides_end(&overrides);
	return status;
}

/* Numbers the table as a publish is numbered: no resolver sees a number twice. */
static int amend_numbered(
	struct promotion_record *record, const struct config *config, const struct channel *channel, struct why *why)
{
	struct publication publication;
	char folder[FOLDER_TEXT], path[PATH_MAX];
	bool same = false;
	int status = publication_begin(&publication, config, "promotion", why);
	snprintf(path, sizeof path, "%s/amended.weir", promotion_folder(config->state, channel, folder));
	if (status == 0)
		status = make_amended(record, config, folder, path, publication.generation, &same, why);
	if (status == 0 && !same)
		record->amended = (struct base_table){0};
	if (status > 0)
		publication_number(&publication);
	publication_end(&publication);
	if (status > 0) { /* it may wait for the folder: no publish waits with it */
		status = promoted_table_add(&record->amended, config, channel, path, why);
		unlink(path);
	}
	return status;
}

/* The overrides of now, and when the next item ends: what has ended is another state of them. 0: there are none. JSON keeps 53
 * bits of a number. */
static uint64_t overrides_sum(const struct config *config)
{
	const uint64_t sums[] = {path_sum_in(config->state, OVERRIDES_FILE), operator_end(config, wall_now())};
	return sums[0] != 0 || sums[1] != 0 ? XXH3_64bits(sums, sizeof sums) >> 12 : 0;
}

static int bring_up_to_overrides(
	struct promotion_record *record, const struct config *config, const struct channel *channel, struct why *why)
{
	const uint64_t sum = overrides_sum(config);
	if (record->promoted.generation == 0 || sum == record->overrides)
		return 0;
	int status = amend_numbered(record, config, channel, why);
	if (status == -ENOTSUP) {
		log_warning("channel %s: what is allowed by command comes with the next promoted table: %s",
			channel->name, why->text);
		status = 0;
	}
	if (status != 0)
		return status;
	record->overrides = sum;
	status = promotion_record_write(record, config->state, channel, why);
	if (status == 0 && record->amended.generation > 0)
		log_info("channel %s: generation %llu is the promoted generation %llu with what is allowed by command",
			channel->name, (unsigned long long)record->amended.generation,
			(unsigned long long)record->promoted.generation);
	return status;
}

int promoted_table_bring_up(
	struct promotion_record *record, const struct config *config, const struct channel *channel, struct why *why)
{
	int lock = promotion_lock(config->state, channel, why);
	if (lock < 0)
		return lock;
	int status = promotion_record_read(record, config->state, channel, why);
	if (status == 0 && record->promoted.generation == 0)
		status = adopt_last_table(record, config, channel, why);
	if (status == 0)
		status = bring_up_to_overrides(record, config, channel, why);
	close(lock);
	return status;
}
