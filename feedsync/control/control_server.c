/* SPDX-License-Identifier: BSD-3-Clause */
#include "feedsync/control/control_server.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "feedsync/base/clock.h"
#include "feedsync/base/log.h"
#include "feedsync/base/maxima.h"
#include "feedsync/base/xalloc.h"
#include "feedsync/control/control_socket.h"
#include "libweir/errors.h"

enum { OUT_ROOM = 65536, LINE_ROOM = 4096 };

void control_server_begin(struct control_server *server)
{
	*server = (struct control_server){.listener = -1, .log_read = -1, .log_write = -1};
	for (unsigned i = 0; i < CONTROL_CLIENTS; i++)
		server->clients[i].fd = -1;
	int fds[2];
	if (pipe2(fds, O_CLOEXEC | O_NONBLOCK) != 0) {
		log_warning("commands that ask this `run` will not see its messages: %s", error_text(-errno));
		return;
	}
	server->log_read = fds[0];
	server->log_write = fds[1];
	log_copy(server->log_write);
}

/* ---- the socket ---- */

static void stop_listening(struct control_server *server)
{
	if (server->listener < 0)
		return;
	control_unlink(server->state);
	close(server->listener);
	server->listener = -1;
}

void control_server_listen(struct control_server *server, const char *state)
{
	struct why why;
	stop_listening(server);
	server->state = state;
	server->listener = control_listen(state, &why);
	if (server->listener < 0)
		log_warning("%s; other commands cannot ask this `run` for anything", why.text);
}

static void drop_client(struct control_client *client)
{
	if (client->fd >= 0)
		close(client->fd);
	free(client->out);
	*client = (struct control_client){.fd = -1};
}

void control_server_end(struct control_server *server)
{
	for (unsigned i = 0; i < CONTROL_CLIENTS; i++)
		drop_client(&server->clients[i]);
	stop_listening(server);
	log_copy(-1);
	if (server->log_read >= 0) {
		close(server->log_read);
		close(server->log_write);
	}
}

/* ---- one client ---- */

/* Adds a line to what is to be sent. A line that does not fit is lost. The last line always has room. */
static void queue_line(struct control_client *client, const char *line, size_t length)
{
	if (client->out_length + length > OUT_ROOM - LINE_ROOM * (size_t)!client->ended)
		return;
	memcpy(client->out + client->out_length, line, length);
	client->out_length += length;
}

static void send_out(struct control_client *client)
{
	uint64_t now = clock_ms();
	ssize_t n = client->out_length > 0
			    ? send(client->fd, client->out, client->out_length, MSG_NOSIGNAL | MSG_DONTWAIT)
			    : 0;
	if (n > 0) {
		client->out_length -= (size_t)n;
		memmove(client->out, client->out + n, client->out_length);
		client->sent_ms = now;
	}
	bool failed = n < 0 && errno != EAGAIN && errno != EINTR;
	bool stuck = client->out_length > 0 && now - client->sent_ms > CONTROL_SILENCE_S * UINT64_C(1000);
	if (failed || stuck || (client->ended && client->out_length == 0))
		drop_client(client);
}

static void take_request(struct control_client *client, const char *config_sum)
{
	char line[64];
	client->line[client->length - 1] = '\0';
	client->request = strcmp(client->line, "sync") == 0        ? CONTROL_SYNC
			  : strncmp(client->line, "look ", 5) == 0 ? CONTROL_LOOK
			  : strcmp(client->line, "publish") == 0   ? CONTROL_PUBLISH
								   : CONTROL_NONE;
	if (client->request == CONTROL_LOOK)
		snprintf(client->feed, sizeof client->feed, "%.*s", POLICY_MAX_NAME, client->line + 5);
	client->asked_ms = clock_ms();
	int length = snprintf(line, sizeof line, "config %s\n", config_sum);
	if (client->request == CONTROL_NONE)
		drop_client(client);
	else
		queue_line(client, line, (size_t)length);
}

/* Reads the request. Later it finds out whether the client has gone. */
static void read_from(struct control_client *client, const char *config_sum)
{
	char rest[16];
	bool whole = client->request != CONTROL_NONE;
	ssize_t n = recv(client->fd, whole ? rest : client->line + client->length,
		whole ? sizeof rest : sizeof client->line - client->length, MSG_DONTWAIT);
	if (n == 0 || (n < 0 && errno != EAGAIN && errno != EINTR)) {
		drop_client(client);
		return;
	}
	if (!whole && n > 0) {
		client->length += (size_t)n;
		if (client->line[client->length - 1] == '\n')
			take_request(client, config_sum);
		else if (client->length == sizeof client->line)
			drop_client(client);
	} else if (!whole && clock_ms() - client->asked_ms > CONTROL_REQUEST_S * UINT64_C(1000)) {
		drop_client(client);
	}
}

/* Accepts a client. Returns whether there was one. */
static bool accept_client(struct control_server *server)
{
	int fd = accept4(server->listener, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
	if (fd < 0)
		return false;
	for (unsigned i = 0; i < CONTROL_CLIENTS; i++) {
		struct control_client *client = &server->clients[i];
		if (client->fd >= 0)
			continue;
		if (!control_peer_is_ours(fd))
			break;
		*client = (struct control_client){
			.fd = fd, .asked_ms = clock_ms(), .sent_ms = clock_ms(), .out = xcalloc(OUT_ROOM, 1)};
		return true;
	}
	close(fd);
	return true;
}

/* ---- all of them ---- */

/* Passes on what was logged. Each write is a line, and each line that is read ends with one. */
static void pass_on_log(struct control_server *server)
{
	char lines[16384];
	ssize_t n;
	while (server->log_read >= 0 && (n = read(server->log_read, lines, sizeof lines)) > 0)
		for (char *line = lines, *end = lines + n; line < end;) {
			char *newline = memchr(line, '\n', (size_t)(end - line));
			size_t length = newline ? (size_t)(newline - line) + 1 : (size_t)(end - line);
			for (unsigned i = 0; i < CONTROL_CLIENTS; i++)
				if (server->clients[i].fd >= 0 && server->clients[i].taken && !server->clients[i].ended)
					queue_line(&server->clients[i], line, length);
			line += length;
		}
}

nfds_t control_server_fds(const struct control_server *server, struct pollfd *fds)
{
	nfds_t count = 0;
	if (server->listener >= 0)
		fds[count++] = (struct pollfd){.fd = server->listener, .events = POLLIN};
	if (server->log_read >= 0)
		fds[count++] = (struct pollfd){.fd = server->log_read, .events = POLLIN};
	for (unsigned i = 0; i < CONTROL_CLIENTS; i++)
		if (server->clients[i].fd >= 0)
			fds[count++] = (struct pollfd){.fd = server->clients[i].fd,
				.events = (short)(POLLIN | (server->clients[i].out_length > 0 ? POLLOUT : 0))};
	return count;
}

void control_server_step(struct control_server *server, const char *config_sum)
{
	for (unsigned i = 0; i < CONTROL_CLIENTS && server->listener >= 0 && accept_client(server); i++)
		continue;
	pass_on_log(server);
	for (unsigned i = 0; i < CONTROL_CLIENTS; i++) {
		struct control_client *client = &server->clients[i];
		if (client->fd >= 0)
			read_from(client, config_sum);
		if (client->fd >= 0 && client->out_length == 0 && client->request != CONTROL_NONE && !client->ended &&
			clock_ms() - client->sent_ms > CONTROL_ALIVE_S * UINT64_C(1000))
			queue_line(client, "\n", 1);
		if (client->fd >= 0)
			send_out(client);
	}
}

void control_server_answer(struct control_server *server, struct control_client *client, int exit_code)
{
	char line[32];
	pass_on_log(server);
	client->ended = true;
	queue_line(client, line, (size_t)snprintf(line, sizeof line, "end %d\n", exit_code));
	send_out(client);
}
