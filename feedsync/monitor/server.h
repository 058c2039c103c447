/* SPDX-License-Identifier: BSD-3-Clause */
/* Serves a site by HTTP. Only server.c knows libmicrohttpd. One thread; each connection is for one request, for
 * CONNECTION_MS at most, and with CONNECTION_OCTETS of memory. Where there are MAX_CLIENTS of them the oldest is ended for
 * a new one: who holds connections open keeps nobody out. */
#pragma once

#include "feedsync/base/listen_address.h"
#include "feedsync/monitor/site.h"

enum { MAX_CLIENTS = 48, CONNECTION_MS = 10000, CONNECTION_OCTETS = 16384 };

struct server;

/* Listens; the site is borrowed until server_close. A socket file that nobody listens at is replaced. Returns 0 and a
 * server, or -errno with the reason. */
must_check int server_open(struct server **server, const char *listen, struct site *site, struct why *why);
void server_close(struct server **server);

/* A descriptor to be waited for (POLLIN), for a second at most; then server_step serves what has come. */
int server_fd(const struct server *server);
void server_step(struct server *server);
