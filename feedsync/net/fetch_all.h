/* SPDX-License-Identifier: BSD-3-Clause */
/* Downloads, many at a time.
 *
 * Each document goes to a file. Servers are verified always (server_trust.h). A redirect never leaves https
 * (redirect.h). No URL, name or redirect leads to an address that is not of the Internet at large (destination.h),
 * unless the operator wrote that address into the feed's URL or allowed it. Octets are counted as they arrive. A
 * server that stalls or drips is given up (maxima.h). libcurl unpacks nothing: it takes a compressed body that was cut
 * off for a whole one. So documents are asked for as they are, unless who reads them unpacks them. A file:// URL names a
 * regular file of this machine, which is copied.
 *
 * Not thread-safe: one thread fetches. */
#pragma once

#include <stddef.h>
#include <time.h>

#include "feedsync/net/fetch.h"

struct resolver_config;

/* Once, at the start of the program. */
void fetch_init(void);

/* From now on the hosts of URLs are resolved like this; NULL: by the system's resolver. Where that cannot be,
 * every fetch that needs it fails and says why. */
void fetch_resolve_by(const struct resolver_config *config);

/* From now on connections stay open from one fetch_all to the next: for who asks the same server again and again. */
void fetch_keep_connections(void);

/* Fetches all. What is not done when the monotonic clock reads `deadline` seconds has failed. Returns when all
 * have an answer. */
void fetch_all(struct fetch *fetches, size_t count, time_t deadline);

/* The deadline of a run that begins now. */
time_t fetch_deadline(void);
