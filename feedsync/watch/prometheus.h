/* SPDX-License-Identifier: BSD-3-Clause */
/* What a Prometheus server knows of the fleet: it is asked once, by its HTTP API, for the metrics of resolvers' hosts
 * (docs/metrics.md). Its answer is not trusted: it has a maximum, and where anything in it is not what the API promises it is
 * refused as a whole, with the place. */
#pragma once

#include "feedsync/watch/watch_judge.h"
#include "libweir/attributes.h"

struct config;
struct node;
struct why;

/* Asks for all resolvers of the configuration, which names a server, and waits PROMETHEUS_WAIT_S at most. `told` has one for
 * each, zeroed, in its order. Returns 0, or a negative code with the reason: then nothing is told. One thread, as fetch_all. */
must_check int prometheus_ask(struct watch_told *told, const struct config *config, struct why *why);

/* The same of an answer that has come. */
must_check int prometheus_read(
	struct watch_told *told, const struct config *config, const struct node *document, struct why *why);
