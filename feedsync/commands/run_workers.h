/* SPDX-License-Identifier: BSD-3-Clause */
/* What `run` does beside the sync, each in a process of its own: whatever becomes of it, the sync goes on. */
#pragma once

#include <stdint.h>

#include "feedsync/circle/share_worker.h"
#include "feedsync/circle/sighting_worker.h"
#include "feedsync/config/configuration.h"
#include "feedsync/fleet/digest_worker.h"
#include "feedsync/fleet/distribute_worker.h"
#include "feedsync/fleet/promotion_worker.h"
#include "feedsync/fleet/pull_worker.h"
#include "feedsync/monitor/snapshot.h"
#include "feedsync/trends/collector_worker.h"
#include "feedsync/trends/report_worker.h"
#include "feedsync/watch/watch_round.h"

/* A zeroed one is at rest. */
struct run_workers {
	struct snapshot_worker snapshots;
	struct share_worker sharing;
	struct sighting_worker sightings;
	struct distribute_worker distribution;
	struct promotion_worker promotion;
	struct report_worker reports;
	struct collector_worker collector;
	struct digest_worker digests;
	struct pull_worker pulls;
	struct watch_worker watching;
};

/* Begins what is due, and takes the end of what has ended. Never waits. */
void run_workers_step(struct run_workers *workers, const struct config *config);

/* The configuration is another one. */
void run_workers_renew(struct run_workers *workers);

/* Until the next step, in milliseconds, at most `most`. */
int64_t run_workers_wait_ms(const struct run_workers *workers, const struct config *config, int64_t most);
void run_workers_end(struct run_workers *workers);
