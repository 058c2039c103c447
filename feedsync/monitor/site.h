/* SPDX-License-Identifier: BSD-3-Clause */
/* What is answered to a request, whatever it is. It knows no HTTP library: server.c has that.
 *
 * Only GET and HEAD are answered, and only what page and metrics show. A browser that was led here by a name of somebody
 * else's (DNS rebinding) tells that name as the host, and gets nothing. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "feedsync/monitor/snapshot.h"
#include "libweir/table.h"

struct site {
	const char *directory; /* of the snapshot; borrowed */
	bool has_snapshot;
	struct snapshot snapshot;
	struct table *table;                  /* of the snapshot's path, opened when a name is asked about */
	uint64_t read_version, table_version; /* of the files that were read */
	bool checks_host;                     /* it is offered at an address, not at a socket in the file system */
};

struct request {
	const char *method, *path; /* as they were sent, without the query; the path is decoded */
	const char *host;          /* NULL = none was told */
	const char *name;          /* of the query, decoded; NULL = none */
};

struct response {
	unsigned status;
	const char *type;
	char *body; /* to be freed */
	size_t length;
};

/* Reads the snapshot again if it has changed. Returns whether there is a new one. */
bool site_refresh(struct site *site);
void site_end(struct site *site);

/* Returns 0, or -ENOMEM. */
must_check int site_answer(struct site *site, const struct request *request, struct response *response);

/* Whether a host is this machine, as its user may write it: "localhost", "127.0.0.1:9953", "[::1]". */
bool is_own_host(const char *host);
