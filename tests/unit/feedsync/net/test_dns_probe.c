/* SPDX-License-Identifier: BSD-3-Clause */
/* Many questions at once to resolvers that answer, lie, or are silent. Each resolver is a socket of this process. */
#include "tests/unit/unit.h"

#include <arpa/inet.h>
#include <errno.h>
#include <pthread.h>
#include <unistd.h>

#include "feedsync/base/maxima.h"
#include "feedsync/net/dns_probe.h"

enum manner {
	ANSWERS,
	ANSWERS_SECOND, /* the first query is lost */
	LIES,           /* of another number, and of another question; then the true answer */
	CUT_OFF,
	SILENT,
};

struct stand_in {
	int fd;
	enum manner manner;
	char address[32];
	unsigned queries;
	pthread_t thread;
};

/* Answers NXDOMAIN without a record. */
static void answer_query(struct stand_in *s, uint8_t *packet, size_t length, const struct sockaddr_in *to)
{
	const struct sockaddr *address = (const struct sockaddr *)to;
	if (s->manner == SILENT || (s->manner == ANSWERS_SECOND && s->queries == 1))
		return;
	packet[2] |= 0x80;
	packet[3] = 3;
	if (s->manner == LIES) {
		packet[0] ^= 1;
		sendto(s->fd, packet, length, 0, address, sizeof *to);
		packet[0] ^= 1;
		packet[13] ^= 1;
		sendto(s->fd, packet, length, 0, address, sizeof *to);
		packet[13] ^= 1;
		sendto(s->fd, packet, 5, 0, address, sizeof *to);
	}
	sendto(s->fd, packet, s->manner == CUT_OFF ? length - 3 : length, 0, address, sizeof *to);
}

static void *serve_queries(void *context)
{
	struct stand_in *s = context;
	uint8_t packet[512];
	for (;;) {
		struct sockaddr_in from;
		socklen_t room = sizeof from;
		ssize_t length = recvfrom(s->fd, packet, sizeof packet, 0, (struct sockaddr *)&from, &room);
		if (length < 12) /* the end */
			return NULL;
		s->queries++;
		answer_query(s, packet, (size_t)length, &from);
	}
}

static void stand_in_begin(struct stand_in *s, enum manner manner)
{
	struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socklen_t room = sizeof address;
	*s = (struct stand_in){.fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0), .manner = manner};
	assert_int_equal(bind(s->fd, (struct sockaddr *)&address, sizeof address), 0);
	assert_int_equal(getsockname(s->fd, (struct sockaddr *)&address, &room), 0);
	snprintf(s->address, sizeof s->address, "127.0.0.1@%u", ntohs(address.sin_port));
	assert_int_equal(pthread_create(&s->thread, NULL, serve_queries, s), 0);
}

static void stand_in_end(struct stand_in *s)
{
	struct sockaddr_in address;
	socklen_t room = sizeof address;
	assert_int_equal(getsockname(s->fd, (struct sockaddr *)&address, &room), 0);
	assert_int_equal(sendto(s->fd, "", 1, 0, (struct sockaddr *)&address, room), 1);
	pthread_join(s->thread, NULL);
	close(s->fd);
}

static void ask_one(enum manner manner, const char *name, struct dns_probe *probe)
{
	struct stand_in s;
	stand_in_begin(&s, manner);
	*probe = (struct dns_probe){.resolver = s.address, .name = name};
	dns_probes_ask(probe, 1);
	stand_in_end(&s);
}

static void each_manner(void **state)
{
	(void)state;
	static const struct {
		enum manner manner;
		const char *name;
		bool answered;
		const char *error;
	} rows[] = {
		{ANSWERS, "name.example", true, ""},
		{ANSWERS_SECOND, "name.example", true, ""},
		{LIES, "name.example", true, ""},
		{CUT_OFF, "name.example", false, "the answer cannot be read"},
		{SILENT, "name.example", false, "no answer in time"},
		{ANSWERS, "", false, "this is no name"},
	};
	for (unsigned i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct dns_probe probe;
		ask_one(rows[i].manner, rows[i].name, &probe);
		if (probe.answered != rows[i].answered || strcmp(probe.error, rows[i].error) != 0)
			fail_msg("row %u: %d %s", i, probe.answered, probe.error);
		if (probe.answered)
			assert_int_equal(probe.answer.rcode, 3);
	}
}

/* More than are under way at once; those that cannot be asked keep no other one from being asked. */
static void many(void **state)
{
	(void)state;
	enum { MANY = 2 * PROBES_AT_ONCE + 7 };
	static struct dns_probe probes[MANY];
	struct stand_in s;
	stand_in_begin(&s, ANSWERS);
	for (unsigned i = 0; i < MANY; i++)
		probes[i] = (struct dns_probe){
			.resolver = i % 5 == 0 ? "no address" : s.address, .name = i % 2 ? "a.example" : "b.example"};
	dns_probes_ask(probes, MANY);
	for (unsigned i = 0; i < MANY; i++)
		if (probes[i].answered != (i % 5 != 0))
			fail_msg("probe %u: %s", i, probes[i].error);
	stand_in_end(&s);
}

/* A host that is up, and no resolver there. */
static void nobody(void **state)
{
	(void)state;
	struct stand_in s;
	struct dns_probe probe = {.resolver = s.address, .name = "name.example"};
	stand_in_begin(&s, SILENT);
	stand_in_end(&s);
	dns_probes_ask(&probe, 1);
	assert_false(probe.answered);
	assert_string_equal(probe.error, error_text(-ECONNREFUSED));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_manner),
		cmocka_unit_test(many),
		cmocka_unit_test(nobody),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
