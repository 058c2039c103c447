/* SPDX-License-Identifier: BSD-3-Clause */
/* Asks resolvers as a client does: one question over UDP, of which the first answer counts, whatever it is. (dns_lookup.h, the
 * other one that asks, goes on until it has an answer that it likes.) Many questions to many resolvers are under way at once,
 * in one loop. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "feedsync/net/dns_answer.h"

struct dns_probe {
	/* in; borrowed */
	const char *resolver; /* "ADDRESS[@PORT]", as forwarder_valid takes it (dns_lookup.h) */
	const char *name;     /* whose A record is asked for */
	/* out */
	bool answered;
	struct dns_answer answer; /* answered */
	char error[100];          /* not answered: why */
};

/* Asks all, PROBES_AT_ONCE at a time, and returns when each has its answer or has waited for PROBE_TIMEOUT_S. A question that
 * is not answered is sent again after a second. So it takes at most PROBE_TIMEOUT_S for each PROBES_AT_ONCE questions, and as
 * many descriptors. One thread. */
void dns_probes_ask(struct dns_probe *probes, size_t count);
