/* SPDX-License-Identifier: BSD-3-Clause */
/* Giving the published table, or the promoted one, to all channels, each in a process of its own: one whose target hangs or fails keeps no other
 * one waiting. Whatever fails, the channel keeps what it has, its record says since when and why, and nothing of it touches
 * the published table or a resolver of this machine. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "feedsync/base/worker.h"
#include "feedsync/fleet/bundle.h"
#include "libweir/attributes.h"

struct channel;
struct config;
struct why;

/* What is to be done. Borrowed. */
struct distribution {
	const struct config *config;
	enum bundle_effort
		effort; /* with BUNDLE_WHOLE a manifest comes soon, and another one when all deltas are there */
	bool take_over; /* go on behind another compiler's manifests */
};

/* Does it for one channel, in this process; logs what happens, and keeps the record. Returns whether the channel has the
 * published table. */
bool distribute_to_channel(const struct distribution *distribution, const struct channel *channel);

/* Begins a process that does it for one channel. Returns 0, or -errno with the reason. */
must_check int distribute_begin(
	struct worker *worker, const struct distribution *distribution, const struct channel *channel, struct why *why);

/* Whether that process has ended; one that takes longer than MAX_DISTRIBUTE_S is ended. Then `worker` is free again, `well` is
 * what distribute_to_channel returned, and a process that returned nothing is logged. */
bool distribute_has_ended(struct worker *worker, const struct channel *channel, bool *well);

struct channel_counts {
	size_t well, failed;
};

/* Does it for the channels of these names, or for all if there are none, and waits until all are done. */
void distribute_to_all(const struct distribution *distribution, const char *const *names, size_t name_count,
	struct channel_counts *counts);

/* For a command that has published, or may have: does it for all channels, if there are some. Failures are logged: what was
 * published here is in force. Returns whether all channels have the published table. */
bool distribute_published(const struct config *config, enum bundle_effort effort);
