/* SPDX-License-Identifier: BSD-3-Clause */
/* Which resolvers elsewhere are watched: `fleet` of the configuration. Texts and arrays are owned by the configuration. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "feedsync/config/channel_config.h"
#include "feedsync/config/server_access.h"
#include "feedsync/net/server_trust.h"

/* One resolver. No two have the same name, or the same address and port. */
struct fleet_resolver {
	const char *name;
	const char *address; /* as it is written */
	const char *server;  /* "ADDRESS@PORT" (forwarder_valid) */
	const char *site;    /* NULL = it is not told */
	const char *channel; /* from which it gets its table; NULL = there is no channel here */
};

struct fleet_config {
	struct fleet_resolver *resolvers; /* in the order of the file */
	size_t resolver_count;            /* 0 = nobody is watched */
	uint32_t interval_s;              /* `run` probes all of them that often */
	bool digests;                     /* what the resolvers' hosts tell of hits is taken from here: */
	struct channel digests_from;
	const char *prometheus; /* URL of a Prometheus server, no slash at its end; NULL = none is asked */
	const char *label;      /* of its series: the name or the address of the resolver that they tell of */
	struct trust trust;     /* what that server must prove */
	struct server_access access;
};
