/* SPDX-License-Identifier: BSD-3-Clause */
/* Which addresses a feed's server, a redirect or a name may lead to: those of the Internet at large (address.h)
 * that are neither this machine's own (route.h) nor in a network that the operator calls private. */
#pragma once

#include <stddef.h>

#include "libweir/attributes.h"

struct client_prefix;
struct sockaddr;

/* The operator's private networks. Borrowed from the configuration. */
struct networks {
	const struct client_prefix *prefix;
	size_t count;
};

/* What keeps feeds from an address, now: "loopback", "this machine's own", ...; NULL if nothing does. An IPv6 address
 * that stands for an IPv4 one is judged as both. Any thread. */
must_check const char *destination_forbidden(const struct networks *networks, const struct sockaddr *address);
