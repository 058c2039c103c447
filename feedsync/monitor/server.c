/* SPDX-License-Identifier: BSD-3-Clause */
#include "feedsync/monitor/server.h"

#include <errno.h>
#include <microhttpd.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>

#include "feedsync/base/clock.h"
#include "libweir/errors.h"

enum { BACKLOG = 16 };

struct client {
	int fd; /* -1: none */
	uint64_t since_ms;
};

struct server {
	struct MHD_Daemon *daemon;
	struct site *site;
	char path[sizeof((struct sockaddr_un *)0)->sun_path]; /* of the socket in the file system, "" = it has none */
	struct client clients[MAX_CLIENTS];
};

/* ---- answering ---- */

static const char *const headers[][2] = {
	{"Content-Security-Policy",
		"default-src 'none'; style-src 'self'; img-src data:; form-action 'self'; base-uri 'none'; "
		"frame-ancestors 'none'"},
	{"X-Content-Type-Options", "nosniff"},
	{"Referrer-Policy", "no-referrer"},
	{"Cross-Origin-Resource-Policy", "same-origin"},
	{"Cross-Origin-Opener-Policy", "same-origin"},
	{"Cache-Control", "no-store"},
	{"Connection", "close"},
};

static enum MHD_Result send_response(struct MHD_Connection *connection, struct response *made)
{
	struct MHD_Response *response =
		MHD_create_response_from_buffer(made->length, made->body, MHD_RESPMEM_MUST_FREE);
	if (!response) {
		free(made->body);
		return MHD_NO;
	}
	for (size_t i = 0; i < sizeof headers / sizeof *headers; i++)
		(void)MHD_add_response_header(response, headers[i][0], headers[i][1]);
	(void)MHD_add_response_header(response, "Content-Type", made->type);
	if (made->status == 405)
		(void)MHD_add_response_header(response, "Allow", "GET, HEAD");
	enum MHD_Result result = MHD_queue_response(connection, made->status, response);
	MHD_destroy_response(response);
	return result;
}

struct hosts {
	const char *name; /* of the first */
	unsigned count;
};

static enum MHD_Result note_host(void *context, enum MHD_ValueKind kind, const char *key, const char *value)
{
	struct hosts *hosts = context;
	(void)kind;
	if (strcasecmp(key, "Host") == 0 && hosts->count++ == 0)
		hosts->name = value;
	return MHD_YES;
}

/* The host that is asked for; NULL for none, or for several, of which another program may have looked at another one. */
static const char *find_host(struct MHD_Connection *connection)
{
	struct hosts hosts = {0};
	MHD_get_connection_values(connection, MHD_HEADER_KIND, note_host, &hosts);
	return hosts.count == 1 ? hosts.name : NULL;
}

/* NOLINTNEXTLINE(readability-function-size): the parameters are the library's */
static enum MHD_Result handle_request(void *context, struct MHD_Connection *connection, const char *url,
	const char *method, const char *version, const char *upload,
	size_t *upload_size, /* NOLINT(readability-non-const-parameter): the library's */
	void **state)
{
	const struct server *server = context;
	const struct request request = {.method = method,
		.path = url,
		.host = find_host(connection),
		.name = MHD_lookup_connection_value(connection, MHD_GET_ARGUMENT_KIND, "name")};
	struct response response;
	(void)version, (void)upload, (void)upload_size, (void)state;
	if (site_answer(server->site, &request, &response) != 0)
		return MHD_NO;
	return send_response(connection, &response);
}

/* ---- connections ---- */

static void end_client(const struct client *client)
{
	if (client->fd >= 0)
		shutdown(client->fd, SHUT_RDWR); /* the library closes it when it sees that */
}

/* A slot for a new connection: a free one, or that of the oldest, which is ended. */
static struct client *take_slot(struct server *server)
{
	struct client *oldest = &server->clients[0];
	for (size_t i = 0; i < MAX_CLIENTS; i++) {
		if (server->clients[i].fd < 0)
			return &server->clients[i];
		if (server->clients[i].since_ms < oldest->since_ms)
			oldest = &server->clients[i];
	}
	end_client(oldest);
	return oldest;
}

static void note_connection(
	void *context, struct MHD_Connection *connection, void **state, enum MHD_ConnectionNotificationCode code)
{
	struct server *server = context;
	const union MHD_ConnectionInfo *info = MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD);
	(void)state;
	if (!info)
		return;
	if (code == MHD_CONNECTION_NOTIFY_STARTED) {
		*take_slot(server) = (struct client){.fd = info->connect_fd, .since_ms = clock_ms()};
		return;
	}
	for (size_t i = 0; i < MAX_CLIENTS; i++)
		if (server->clients[i].fd == info->connect_fd)
			server->clients[i].fd = -1;
}

/* ---- listening ---- */

static int bind_path(struct server *server, int fd, const struct listen_address *to)
{
	struct stat status;
	mode_t before = umask(0117); /* its user and group */
	int result = bind(fd, &to->address, to->length);
	/* What a server that was killed left behind is nobody's. */
	if (result != 0 && errno == EADDRINUSE && lstat(to->path.sun_path, &status) == 0 && S_ISSOCK(status.st_mode) &&
		connect(fd, &to->address, to->length) != 0 && errno == ECONNREFUSED) {
		unlink(to->path.sun_path);
		result = bind(fd, &to->address, to->length);
	}
	umask(before);
	if (result == 0)
		memcpy(server->path, to->path.sun_path, sizeof server->path);
	return result;
}

/* Returns a descriptor, or -errno. */
static int open_socket(struct server *server, const struct listen_address *to)
{
	static const int on = 1;
	int fd = socket(to->address.sa_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0)
		return -errno;
	int result;
	if (to->address.sa_family == AF_UNIX) {
		result = bind_path(server, fd, to);
	} else {
		setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
		result = bind(fd, &to->address, to->length);
	}
	if (result == 0 && listen(fd, BACKLOG) == 0)
		return fd;
	result = -errno;
	close(fd);
	return result;
}

int server_open(struct server **server, const char *listen, struct site *site, struct why *why)
{
	struct listen_address to;
	struct server *s = *server = calloc(1, sizeof *s);
	if (!s)
		return why_set(why, -ENOMEM, "out of memory");
	s->site = site;
	for (size_t i = 0; i < MAX_CLIENTS; i++)
		s->clients[i].fd = -1;
	int fd = listen_address_read(listen, &to);
	if (fd == 0)
		fd = open_socket(s, &to);
	site->checks_host = to.address.sa_family != AF_UNIX;
	if (fd >= 0) {
		s->daemon = MHD_start_daemon(MHD_USE_EPOLL, 0, NULL, NULL, handle_request, s, MHD_OPTION_LISTEN_SOCKET,
			fd, MHD_OPTION_CONNECTION_LIMIT, (unsigned)MAX_CLIENTS + BACKLOG, MHD_OPTION_CONNECTION_TIMEOUT,
			(unsigned)CONNECTION_MS / 1000, MHD_OPTION_CONNECTION_MEMORY_LIMIT, (size_t)CONNECTION_OCTETS,
			MHD_OPTION_NOTIFY_CONNECTION, note_connection, s, MHD_OPTION_END);
		if (s->daemon)
			return 0;
		close(fd);
		fd = -ENOMEM;
	}
	int status = why_set(why, fd, "%.200s: cannot listen: %s", listen, error_text(fd));
	server_close(server);
	return status;
}

void server_close(struct server **server)
{
	struct server *s = *server;
	if (!s)
		return;
	if (s->daemon)
		MHD_stop_daemon(s->daemon);
	if (s->path[0])
		unlink(s->path);
	free(s);
	*server = NULL;
}

int server_fd(const struct server *server)
{
	return MHD_get_daemon_info(server->daemon, MHD_DAEMON_INFO_EPOLL_FD)->epoll_fd;
}

void server_step(struct server *server)
{
	uint64_t now = clock_ms();
	(void)MHD_run(server->daemon);
	for (size_t i = 0; i < MAX_CLIENTS; i++)
		if (server->clients[i].fd >= 0 && now > server->clients[i].since_ms + CONNECTION_MS)
			end_client(&server->clients[i]);
}
