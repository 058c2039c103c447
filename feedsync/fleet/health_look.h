/* SPDX-License-Identifier: BSD-3-Clause */
/* One look at the canaries of a channel: what they answer to a client, for promotion_judge. */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "feedsync/fleet/health_names.h"
#include "feedsync/fleet/promotion_judge.h"

struct channel;
struct config;
struct promotion_health;

struct health_look {
	struct canary_look *canary; /* NULL: there is none */
	size_t count;
	const char **blocked; /* each name that a canary blocks; of the names that were asked for */
	size_t blocked_count;
};

/* Asks the resolvers of the channel that `channel` is promoted from, all at the same time: for the self-test's name, and those
 * that answer for the names. A name is one that must not be blocked unless `health` knows it as blocked before. It takes
 * seconds (dns_probe.h). `names` is borrowed. health_look_end follows. */
void health_look_begin(struct health_look *look, const struct config *config, const struct channel *channel,
	const struct health_names *names, const struct promotion_health *health);
void health_look_end(struct health_look *look);
