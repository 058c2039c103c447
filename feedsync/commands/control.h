/* SPDX-License-Identifier: BSD-3-Clause */
/* A `feedsync run` is asked, by a command beside it, to do at once what it would do by itself later: through the socket
 * <state>/control, by root and its own user only. One line asks; what is logged until that is done comes back line by
 * line, and at the end the exit code.
 *
 *   asked     "sync\n": ask for all feeds and publish; "publish\n": publish what the feeds hold
 *   answered  "config SUM\n": of the configuration in use; "N TEXT\n": a message and its severity; "\n": a
 *             sign of life; "end N\n": the exit code
 *
 * Who asks and then neither reads nor goes away costs a descriptor and some memory, and is given up in the end.
 */
#pragma once

#include <poll.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "libweir/attributes.h"

enum control_request { CONTROL_NONE, CONTROL_SYNC, CONTROL_PUBLISH };

enum { CONTROL_CLIENTS = 8, CONTROL_FDS = CONTROL_CLIENTS + 2 };

struct control_client {
	int fd; /* -1: free */
	enum control_request request;
	bool taken;        /* the caller knows of it */
	bool ended;        /* all is said: closed when it has been sent */
	uint64_t asked_ms; /* when it came, clock_ms(); before that, when the client did */
	uint64_t tables;   /* kept by the caller */
	uint64_t sent_ms;  /* when something could be sent last */
	char line[16];
	size_t length;
	char *out; /* what is to be sent */
	size_t out_length;
};

struct control {
	const char *state;
	int listener;            /* -1: nobody can ask */
	int log_read, log_write; /* what this process and its workers log */
	struct control_client clients[CONTROL_CLIENTS];
};

/* Begins to listen in a state directory, which it borrows, and stops to do so in the one before. Where that cannot be it
 * is logged, and nobody can ask. */
void control_begin(struct control *control, const char *state);
void control_end(struct control *control);

/* A zeroed one is made ready for control_begin. */
void control_new(struct control *control);

/* What to wait for; `fds` has room for CONTROL_FDS. Returns how many. */
nfds_t control_fds(const struct control *control, struct pollfd *fds);

/* Takes clients, requests and messages, and sends what can be sent. */
void control_step(struct control *control, const char *config_sum);

/* Answers a client whose request is done. */
void control_answer(struct control *control, struct control_client *client, int exit_code);

struct config;
/* Asks the `run` that has the state directory, tells what it says, and waits. Returns the exit code, or -1 if there is
 * none that answers. */
int control_ask(const struct config *config, const char *request);
