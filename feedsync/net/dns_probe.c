/* SPDX-License-Identifier: BSD-3-Clause */
#include "feedsync/net/dns_probe.h"

#include <errno.h>
#include <netdb.h>
#include <poll.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <unistd.h>

#include "feedsync/base/clock.h"
#include "feedsync/base/maxima.h"
#include "feedsync/base/xalloc.h"
#include "libweir/errors.h"
#include "libweir/name.h"

enum {
	HEADER = 12,
	OPT = 11,
	QUERY_ROOM = HEADER + NAME_MAX_WIRE + 4 + OPT,
	UDP_SIZE = 1232, /* octets of an answer that pass every path in one piece (dnsflagday.net/2020) */
	AGAIN_MS = 1000
};

/* A question under way. */
struct asking {
	struct dns_probe *probe;
	int fd; /* connected: what comes from elsewhere is not seen */
	uint64_t deadline_ms, again_ms;
	size_t question; /* octets of the query up to the end of the question */
	size_t length;
	uint8_t query[QUERY_ROOM];
};

/* ---- one question ---- */

/* Ends it; `error`: why without an answer, or "". */
static void end_asking(struct asking *a, const char *error)
{
	snprintf(a->probe->error, sizeof a->probe->error, "%s", error);
	if (a->fd >= 0)
		close(a->fd);
	a->fd = -1;
}

/* Writes the query: recursion desired; EDNS, so that extended errors come. Returns whether the name is one. */
static bool write_query(struct asking *a)
{
	static const uint8_t head[HEADER] = {[2] = 1 /* RD */, [5] = 1 /* questions */, [11] = 1 /* OPT */},
			     tail[4] = {0, 1 /* A */, 0, 1 /* IN */},
			     opt[OPT] = {[2] = 41, [3] = UDP_SIZE >> 8, [4] = UDP_SIZE & 0xff};
	name_storage wire;
	int length = name_from_text(a->probe->name, strlen(a->probe->name), wire);
	if (length < 0)
		return false;
	memcpy(a->query, head, HEADER);
	if (getrandom(a->query, 2, 0) != 2)
		return false;
	memcpy(a->query + HEADER, wire, (size_t)length);
	memcpy(a->query + HEADER + length, tail, sizeof tail);
	a->question = HEADER + (size_t)length + sizeof tail;
	memcpy(a->query + a->question, opt, OPT);
	a->length = a->question + OPT;
	return true;
}

/* Connects to the resolver. Returns the descriptor, or -1 with errno. */
static int connect_to_resolver(const char *resolver)
{
	const struct addrinfo hints = {.ai_flags = AI_NUMERICHOST | AI_NUMERICSERV, .ai_socktype = SOCK_DGRAM};
	char host[64];
	struct addrinfo *address;
	const char *port = strchr(resolver, '@');
	snprintf(host, sizeof host, "%.*s", (int)strcspn(resolver, "@"), resolver);
	if (getaddrinfo(host, port ? port + 1 : "53", &hints, &address) != 0) {
		errno = EINVAL;
		return -1;
	}
	int fd = socket(address->ai_family, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (fd >= 0 && connect(fd, address->ai_addr, address->ai_addrlen) != 0) {
		int error = errno;
		close(fd);
		fd = -1;
		errno = error;
	}
	freeaddrinfo(address);
	return fd;
}

static void send_query(struct asking *a)
{
	a->again_ms = clock_ms() + AGAIN_MS;
	if (send(a->fd, a->query, a->length, 0) < 0 && errno != EAGAIN && errno != EINTR)
		end_asking(a, error_text(-errno));
}

/* Begins it. What cannot begin has ended: `fd` is negative. */
static void begin_asking(struct asking *a, struct dns_probe *probe)
{
	*a = (struct asking){.probe = probe, .fd = -1, .deadline_ms = clock_ms() + PROBE_TIMEOUT_S * UINT64_C(1000)};
	probe->answered = false;
	probe->answer = (struct dns_answer){0};
	probe->error[0] = '\0';
	if (!write_query(a)) {
		end_asking(a, "this is no name");
		return;
	}
	a->fd = connect_to_resolver(probe->resolver);
	if (a->fd < 0)
		end_asking(a, error_text(-errno));
	else
		send_query(a);
}

/* Whether a message answers the query: its number, its question, and that it is an answer. */
static bool is_answer_to(const struct asking *a, const uint8_t *packet, size_t length)
{
	return length >= a->question && memcmp(packet, a->query, 2) == 0 && packet[2] & 0x80 &&
	       memcmp(packet + 4, a->query + 4, 2) == 0 &&
	       memcmp(packet + HEADER, a->query + HEADER, a->question - HEADER) == 0;
}

/* Takes what has come. */
static void take_answers(struct asking *a)
{
	uint8_t packet[UDP_SIZE];
	while (a->fd >= 0) {
		ssize_t length = recv(a->fd, packet, sizeof packet, 0);
		if (length < 0 && errno == EINTR)
			continue;
		if (length < 0 && errno != EAGAIN)
			end_asking(a, error_text(-errno));
		if (length < 0)
			return;
		if (!is_answer_to(a, packet, (size_t)length))
			continue;
		a->probe->answered = dns_answer_read(&a->probe->answer, packet, (size_t)length);
		end_asking(a, a->probe->answered ? "" : "the answer cannot be read");
	}
}

/* ---- all of them ---- */

static void wait_for_answers(const struct asking *list, size_t count)
{
	struct pollfd fds[PROBES_AT_ONCE];
	const uint64_t now = clock_ms();
	uint64_t until = now + AGAIN_MS;
	for (size_t i = 0; i < count; i++) {
		fds[i] = (struct pollfd){.fd = list[i].fd, .events = POLLIN};
		until = list[i].again_ms < until ? list[i].again_ms : until;
		until = list[i].deadline_ms < until ? list[i].deadline_ms : until;
	}
	poll(fds, count, until > now ? (int)(until - now) : 0);
}

static void step_asking(struct asking *a)
{
	take_answers(a);
	if (a->fd >= 0 && clock_ms() >= a->deadline_ms)
		end_asking(a, "no answer in time");
	else if (a->fd >= 0 && clock_ms() >= a->again_ms)
		send_query(a);
}

void dns_probes_ask(struct dns_probe *probes, size_t count)
{
	struct asking *list = xcalloc(PROBES_AT_ONCE, sizeof *list);
	size_t next = 0, under_way = 0;
	while (next < count || under_way > 0) {
		while (under_way < PROBES_AT_ONCE && next < count)
			begin_asking(&list[under_way++], &probes[next++]);
		wait_for_answers(list, under_way);
		for (size_t i = under_way; i-- > 0;) {
			if (list[i].fd >= 0)
				step_asking(&list[i]);
			if (list[i].fd < 0)
				list[i] = list[--under_way];
		}
	}
	free(list);
}
