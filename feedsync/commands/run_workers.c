/* SPDX-License-Identifier: BSD-3-Clause */
#include "feedsync/commands/run_workers.h"

void run_workers_step(struct run_workers *w, const struct config *config)
{
	snapshot_worker_step(&w->snapshots, config);
	distribute_worker_step(&w->distribution, config);
	promotion_worker_step(&w->promotion, config);
	share_worker_step(&w->sharing, config);
	sighting_worker_step(&w->sightings, config);
	report_worker_step(&w->reports, config);
	collector_worker_step(&w->collector, config);
	pull_worker_step(&w->pulls, config);
	watch_worker_step(&w->watching, config);
	digest_worker_step(&w->digests, config);
}

void run_workers_renew(struct run_workers *w)
{
	share_worker_want(&w->sharing);
	sighting_worker_want(&w->sightings);
	distribute_worker_end(&w->distribution);
	promotion_worker_end(&w->promotion);
	collector_worker_end(&w->collector); /* the next step begins it by the new one */
	pull_worker_want(&w->pulls);
	watch_worker_end(&w->watching);
	digest_worker_end(&w->digests);
}

int64_t run_workers_wait_ms(const struct run_workers *w, const struct config *config, int64_t most)
{
	const int64_t waits[] = {snapshot_worker_wait_ms(&w->snapshots, config),
		distribute_worker_wait_ms(&w->distribution, config), promotion_worker_wait_ms(&w->promotion, config),
		share_worker_wait_ms(&w->sharing, config), sighting_worker_wait_ms(&w->sightings, config),
		report_worker_wait_ms(&w->reports, config), collector_worker_wait_ms(&w->collector, config),
		pull_worker_wait_ms(&w->pulls, config), watch_worker_wait_ms(&w->watching, config),
		digest_worker_wait_ms(&w->digests, config)};
	for (unsigned i = 0; i < sizeof waits / sizeof *waits; i++)
		if (waits[i] >= 0 && waits[i] < most)
			most = waits[i];
	return most;
}

void run_workers_end(struct run_workers *w)
{
	snapshot_worker_end(&w->snapshots);
	distribute_worker_end(&w->distribution);
	promotion_worker_end(&w->promotion);
	share_worker_end(&w->sharing);
	sighting_worker_end(&w->sightings);
	report_worker_end(&w->reports);
	collector_worker_end(&w->collector);
	pull_worker_end(&w->pulls);
	watch_worker_end(&w->watching);
	digest_worker_end(&w->digests);
}
