/* SPDX-License-Identifier: BSD-3-Clause */
#include "feedsync/watch/watch_round.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "feedsync/base/atomic_file.h"
#include "feedsync/base/file_lock.h"
#include "feedsync/base/wall_clock.h"
#include "feedsync/base/xalloc.h"
#include "feedsync/config/configuration.h"
#include "feedsync/entries/self_test.h"
#include "feedsync/fleet/channel_record.h"
#include "feedsync/net/dns_probe.h"
#include "feedsync/watch/prometheus.h"
#include "libweir/errors.h"
#include "libweir/table.h"

/* Notes what each channel has; where there is none, what is published here. */
static void note_tables(struct watch *watch, const struct config *config)
{
	struct channel_record record;
	struct table *table;
	struct why why;
	for (size_t i = 0; i < config->channel_count; i++) {
		channel_record_read(&record, config->state, &config->channels[i]);
		if (record.serial > 0)
			watch_note_table(&watch->channels[i], record.generation, record.at);
	}
	if (config->channel_count == 0 && table_open(&table, config->table, &why) == 0) {
		watch_note_table(&watch->channels[0], table_header(table)->generation, table_header(table)->created);
		table_close(&table);
	}
}

static void probe_all(struct watch *watch, const struct fleet_config *fleet)
{
	struct dns_probe *probes = xcalloc(watch->count, sizeof *probes);
	for (size_t i = 0; i < watch->count; i++)
		probes[i] = (struct dns_probe){.resolver = fleet->resolvers[i].server, .name = SELF_TEST_NAME};
	dns_probes_ask(probes, watch->count);
	watch->probed_at = wall_now();
	for (size_t i = 0; i < watch->count; i++)
		watch_note_probe(&watch->records[i], &probes[i], watch->probed_at);
	free(probes);
}

static void ask_prometheus(struct watch *watch, const struct config *config)
{
	struct why why = {.text = ""};
	struct watch_told *told = xcalloc(watch->count, sizeof *told);
	bool well = prometheus_ask(told, config, &why) == 0;
	if (well)
		watch->prometheus_at = wall_now();
	snprintf(watch->prometheus_error, sizeof watch->prometheus_error, "%.*s", WATCH_ERROR_TEXT - 1,
		well ? "" : why.text);
	for (size_t i = 0; well && i < watch->count; i++)
		watch_note_told(&watch->records[i], &told[i], watch->prometheus_at);
	free(told);
}

/* The tables are looked at when the resolvers have answered: one that was published meanwhile is known then, and who has the one
 * before is getting it. */
static int make_round(struct watch *watch, const struct config *config, struct why *why)
{
	struct why unread;
	(void)watch_read(watch, config, &unread); /* what cannot be read is begun anew */
	probe_all(watch, &config->fleet);
	note_tables(watch, config);
	if (config->fleet.prometheus)
		ask_prometheus(watch, config);
	return watch_write(watch, config, why);
}

int watch_round(struct watch *watch, const struct config *config, struct why *why)
{
	char path[PATH_MAX];
	*watch = (struct watch){0};
	snprintf(path, sizeof path, "%s/fleet", config->state);
	int status = directory_create(path);
	if (status != 0)
		return why_set(why, status, "%.200s: %s", path, error_text(status));
	snprintf(path, sizeof path, "%s/fleet/resolvers.lock", config->state);
	int lock = file_lock_open(path, MODE_PRIVATE, "another feedsync asks the resolvers; waiting for it", why);
	if (lock < 0)
		return lock;
	status = make_round(watch, config, why);
	close(lock);
	return status;
}
