/* SPDX-License-Identifier: BSD-3-Clause */
/* The control socket of `feedsync run`, <state>/control. A command beside the daemon asks it through this socket to do at
 * once what it would do by itself later. Only root and the daemon's own user may ask. One line asks. What the daemon logs
 * until the request is done comes back line by line, and at the end the exit code.
 *
 *   asked     "sync\n": ask for all feeds and publish; "look FEED\n": ask for this feed and publish, "look \n": for
 *             all but those whose servers ask to be left alone; "publish\n": publish what the feeds hold
 *   answered  "config SUM\n": of the configuration in use; "N TEXT\n": a message and its severity; "\n": a
 *             sign of life; "end N\n": the exit code
 *
 * A client that asks and then neither reads nor goes away costs a descriptor and some memory. It is given up after
 * CONTROL_SILENCE_S.
 */
#pragma once

#include <poll.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "libweir/attributes.h"
#include "libweir/policy.h"

enum control_request { CONTROL_NONE, CONTROL_SYNC, CONTROL_LOOK, CONTROL_PUBLISH };

enum { CONTROL_CLIENTS = 8, CONTROL_FDS = CONTROL_CLIENTS + 2 };

struct control_client {
	int fd; /* -1: free */
	enum control_request request;
	bool taken;                     /* the caller knows of it */
	bool ended;                     /* all is said: closed when it has been sent */
	uint64_t asked_ms;              /* when it came, clock_ms(); before that, when the client did */
	uint64_t tables;                /* kept by the caller */
	uint64_t sent_ms;               /* when something could be sent last */
	char feed[POLICY_MAX_NAME + 1]; /* of CONTROL_LOOK; "" = all */
	char line[POLICY_MAX_NAME + 16];
	size_t length;
	char *out; /* what is to be sent */
	size_t out_length;
};

struct control_server {
	const char *state;
	int listener;            /* -1: nobody can ask */
	int log_read, log_write; /* what this process and its workers log */
	struct control_client clients[CONTROL_CLIENTS];
};

/* Begins a server that does not listen yet, and copies the log to it. Ended by control_server_end. */
void control_server_begin(struct control_server *server);
void control_server_end(struct control_server *server);

/* Listens in a state directory, which the server borrows, and no longer in the one before. If that fails it is logged,
 * and nobody can ask. */
void control_server_listen(struct control_server *server, const char *state);

/* What to wait for; `fds` has room for CONTROL_FDS. Returns how many. */
nfds_t control_server_fds(const struct control_server *server, struct pollfd *fds);

/* Takes clients, requests and messages, and sends what can be sent. */
void control_server_step(struct control_server *server, const char *config_sum);

/* Answers a client whose request is done. */
void control_server_answer(struct control_server *server, struct control_client *client, int exit_code);
