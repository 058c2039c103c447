/* SPDX-License-Identifier: BSD-3-Clause */
#include "feedsync/fleet/distribute.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "feedsync/base/log.h"
#include "feedsync/base/path_sum.h"
#include "feedsync/base/wall_clock.h"
#include "feedsync/config/configuration.h"
#include "feedsync/fleet/publish_channel.h"
#include "feedsync/fleet/table_source.h"
#include "libweir/errors.h"

static void note_attempt(struct channel_record *record, int status, const struct why *why)
{
	record->tried_at = wall_now();
	if (status >= 0) {
		record->failed_at = 0;
		record->error_class = ERROR_NONE;
		record->error[0] = '\0';
		return;
	}
	record->failed_at = record->failed_at > 0 ? record->failed_at : record->tried_at;
	snprintf(record->error, sizeof record->error, "%s", why->text);
}

/* One manifest of what can be had with this effort. */
static int distribute_once(const struct distribution *d, const struct channel *channel,
	const struct table_source *source, enum bundle_effort effort, struct bundle *bundle,
	struct channel_record *record, struct why *why)
{
	const struct channel_request request = {d->config, channel, bundle, d->take_over};
	int status = bundle_make(bundle, d->config, source, effort, why);
	record->error_class = error_class_from_code(status);
	return status == 0 ? publish_channel(&request, record, why) : status;
}

bool distribute_to_channel(const struct distribution *d, const struct channel *channel)
{
	struct channel_record record;
	struct table_source source;
	struct bundle bundle = {.complete = true};
	struct why why;
	int status = table_source_find(&source, d->config, channel, &why);
	if (status == -ENODATA) {
		log_info("channel %s: %s", channel->name, why.text);
		return true;
	}
	channel_record_read(&record, d->config->state, channel);
	record.error_class = error_class_from_code(status);
	if (status == 0)
		status = distribute_once(d, channel, &source, BUNDLE_SOON, &bundle, &record, &why);
	if (status >= 0 && d->effort == BUNDLE_WHOLE && !bundle.complete) {
		note_attempt(&record, status, &why);
		channel_record_write(&record, d->config->state, channel);
		status = distribute_once(d, channel, &source, BUNDLE_WHOLE, &bundle, &record, &why);
	}
	note_attempt(&record, status, &why);
	channel_record_write(&record, d->config->state, channel);
	if (status < 0)
		log_error("channel %s: %s; what is published there stays, and resolvers keep their tables",
			channel->name, why.text);
	return status >= 0;
}

/* ---- in a process of its own ---- */

struct channel_job {
	const struct distribution *distribution;
	const struct channel *channel;
};

static void distribute_in_worker(void *context, void *result)
{
	const struct channel_job *job = context;
	*(bool *)result = distribute_to_channel(job->distribution, job->channel);
}

int distribute_begin(
	struct worker *worker, const struct distribution *d, const struct channel *channel, struct why *why)
{
	struct channel_job job = {d, channel};
	return worker_begin(worker, distribute_in_worker, &job, sizeof(bool), why);
}

bool distribute_has_ended(struct worker *worker, const struct channel *channel, bool *well)
{
	char text[64];
	if (!worker_ends_within(worker, MAX_DISTRIBUTE_S))
		return false;
	*well = *(bool *)worker->result;
	worker_forget(worker);
	if (!*well && worker->status != 0)
		log_error("channel %s: publishing there %s; the next attempt goes on from there", channel->name,
			worker_end_text(worker->status, text));
	return true;
}

/* ---- all channels ---- */

static bool is_channel_asked(const struct channel *channel, const char *const *names, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (strcmp(names[i], channel->name) == 0)
			return true;
	return count == 0;
}

void distribute_to_all(
	const struct distribution *d, const char *const *names, size_t name_count, struct channel_counts *counts)
{
	const struct timespec pause = {.tv_nsec = 10000000};
	struct worker workers[MAX_CHANNELS] = {{0}};
	struct why why;
	*counts = (struct channel_counts){0};
	for (size_t i = 0; i < d->config->channel_count; i++) {
		const struct channel *channel = &d->config->channels[i];
		if (is_channel_asked(channel, names, name_count) &&
			distribute_begin(&workers[i], d, channel, &why) != 0) {
			log_error("channel %s: %s", channel->name, why.text);
			counts->failed++;
		}
	}
	for (size_t i = 0; i < d->config->channel_count; i++) {
		bool well;
		if (workers[i].pid <= 0)
			continue;
		while (!distribute_has_ended(&workers[i], &d->config->channels[i], &well))
			nanosleep(&pause, NULL);
		counts->well += well;
		counts->failed += !well;
	}
}

bool distribute_published(const struct config *config, enum bundle_effort effort)
{
	const struct distribution distribution = {.config = config, .effort = effort};
	struct channel_counts counts = {0};
	if (config->channel_count > 0 && path_sum(config->table) != 0)
		distribute_to_all(&distribution, NULL, 0, &counts);
	return counts.failed == 0;
}
