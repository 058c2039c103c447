/* SPDX-License-Identifier: BSD-3-Clause */
/* many-clients PORT RULES CLIENTS RATE SECONDS LABEL ADDRESS
 *
 * Asks the resolver at 127.0.0.1 for LABEL.rN.rule.example, N below RULES by Zipf's law, RATE times a second, from so many addresses:
 * ADDRESS, 127.0.1.1, 127.0.1.2 ... Then each of them asks three times for N = 0. Prints N and the number of its answers, a line each;
 * to standard error what was asked and answered in which time. Exits 0 only if each query had its answer.
 *
 * One socket has all addresses: each datagram is sent with the source that it shall have. No more are under way than the resolver's
 * socket has room for, so none is lost. */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>

enum { BATCH = 64, WINDOW = 256, IDS = 65536, PACKET = 512, HEADER = 12, FREE = -1, TIMEOUT_MS = 5000, ROUNDS = 3 };

static struct {
	unsigned rules, clients;
	const char *label;
	struct in_addr first_client;
	struct sockaddr_in server;
	int fd;
	double *ends;         /* of each rule, where its part of the sum of all weights ends */
	uint64_t *answers;    /* of each rule */
	int32_t waiting[IDS]; /* the rule that was asked for under this number, or FREE */
	unsigned under_way, next;
	uint64_t asked, answered;
	uint64_t seed;
} our = {.seed = 88172645463325252U};

struct datagram {
	uint8_t octets[PACKET];
	struct iovec part;
	_Alignas(struct cmsghdr) char control[CMSG_SPACE(sizeof(struct in_pktinfo))];
};

static uint64_t draw(void)
{
	our.seed ^= our.seed << 13;
	our.seed ^= our.seed >> 7;
	our.seed ^= our.seed << 17;
	return our.seed;
}

static unsigned draw_rule(void)
{
	double at = (double)(draw() >> 11) / 9007199254740992.0 * our.ends[our.rules - 1];
	unsigned low = 0, high = our.rules - 1;
	while (low < high) {
		unsigned middle = (low + high) / 2;
		if (our.ends[middle] > at)
			high = middle;
		else
			low = middle + 1;
	}
	return low;
}

static double seconds(void)
{
	struct timespec now;
	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static size_t put_label(uint8_t *to, const char *label)
{
	size_t length = strlen(label);
	*to = (uint8_t)length;
	memcpy(to + 1, label, length);
	return length + 1;
}

/* A query of a client for a rule. Returns its length. */
static size_t write_query(uint8_t *octets, unsigned rule)
{
	char label[16];
	while (our.waiting[our.next] != FREE)
		our.next = (our.next + 1) % IDS;
	our.waiting[our.next] = (int32_t)rule;
	const uint8_t header[HEADER] = {(uint8_t)(our.next >> 8), (uint8_t)our.next, 1, 0, 0, 1};
	our.next = (our.next + 1) % IDS;
	memcpy(octets, header, HEADER);
	snprintf(label, sizeof label, "r%u", rule);
	size_t length = HEADER;
	length += put_label(octets + length, our.label);
	length += put_label(octets + length, label);
	length += put_label(octets + length, "rule");
	length += put_label(octets + length, "example");
	const uint8_t end[] = {0, 0, 1, 0, 1};
	memcpy(octets + length, end, sizeof end);
	return length + sizeof end;
}

static void name_source(struct msghdr *message, struct datagram *datagram, unsigned client)
{
	struct in_pktinfo info = {.ipi_spec_dst = our.first_client};
	if (client > 0)
		info.ipi_spec_dst.s_addr =
			htonl(INADDR_LOOPBACK + 255 + 256 * ((client - 1) / 250) + (client - 1) % 250 + 1);
	message->msg_control = datagram->control;
	message->msg_controllen = sizeof datagram->control;
	struct cmsghdr *control = CMSG_FIRSTHDR(message);
	control->cmsg_level = IPPROTO_IP;
	control->cmsg_type = IP_PKTINFO;
	control->cmsg_len = CMSG_LEN(sizeof info);
	memcpy(CMSG_DATA(control), &info, sizeof info);
}

static _Noreturn void fail_call(const char *call)
{
	fprintf(stderr, "%s: %s\n", call, strerror(errno));
	exit(2);
}

/* Sends so many queries, BATCH at most: of the client for rule 0, or of anyone for anything. */
static void ask(unsigned count, int client)
{
	static struct datagram datagrams[BATCH];
	struct mmsghdr messages[BATCH] = {0};
	for (unsigned i = 0; i < count; i++) {
		struct datagram *datagram = &datagrams[i];
		struct msghdr *message = &messages[i].msg_hdr;
		datagram->part.iov_base = datagram->octets;
		datagram->part.iov_len = write_query(datagram->octets, client < 0 ? draw_rule() : 0);
		*message = (struct msghdr){.msg_name = &our.server,
			.msg_namelen = sizeof our.server,
			.msg_iov = &datagram->part,
			.msg_iovlen = 1};
		name_source(message, datagram, client < 0 ? (unsigned)(draw() % our.clients) : (unsigned)client);
	}
	for (unsigned sent = 0; sent < count;) {
		int more = sendmmsg(our.fd, messages + sent, count - sent, 0);
		if (more < 0 && errno != EINTR)
			fail_call("sendmmsg");
		sent += more > 0 ? (unsigned)more : 0;
	}
	our.asked += count;
	our.under_way += count;
}

/* Takes what has come, after a wait of so many milliseconds if nothing has. Returns how many it was. */
static unsigned take_answers(int wait_ms)
{
	static uint8_t octets[BATCH][PACKET];
	struct mmsghdr messages[BATCH] = {0};
	struct iovec parts[BATCH];
	struct pollfd poll_fd = {.fd = our.fd, .events = POLLIN};
	unsigned taken = 0;
	for (unsigned i = 0; i < BATCH; i++) {
		parts[i] = (struct iovec){octets[i], PACKET};
		messages[i].msg_hdr = (struct msghdr){.msg_iov = &parts[i], .msg_iovlen = 1};
	}
	if (wait_ms > 0)
		(void)poll(&poll_fd, 1, wait_ms);
	int count = recvmmsg(our.fd, messages, BATCH, MSG_DONTWAIT, NULL);
	if (count < 0 && errno != EAGAIN && errno != EINTR)
		fail_call("recvmmsg");
	for (int i = 0; i < count; i++) {
		unsigned id = (unsigned)octets[i][0] << 8 | octets[i][1];
		if (messages[i].msg_len < HEADER || our.waiting[id] == FREE)
			continue;
		our.answers[our.waiting[id]]++;
		our.waiting[id] = FREE;
		our.under_way--;
		taken++;
	}
	our.answered += taken;
	return taken;
}

/* Until all has come; what has none TIMEOUT_MS after the last answer gets none. */
static void take_all(void)
{
	while (our.under_way > 0 && take_answers(TIMEOUT_MS) > 0)
		continue;
}

static void ask_by_rate(double rate, double duration)
{
	double begin = seconds(), passed;
	while ((passed = seconds() - begin) < duration) {
		double due = passed * rate - (double)our.asked;
		unsigned count = due < 1 ? 0 : due > BATCH ? BATCH : (unsigned)due;
		if (count > WINDOW - our.under_way)
			count = WINDOW - our.under_way;
		ask(count, -1);
		while (take_answers(0) == BATCH)
			continue;
		if (count < BATCH)
			take_answers(1);
	}
	take_all();
	passed = seconds() - begin;
	fprintf(stderr, "%llu asked, %llu answered, in %.1f s: %.0f a second\n", (unsigned long long)our.asked,
		(unsigned long long)our.answered, passed, (double)our.answered / passed);
}

static void open_socket(unsigned port)
{
	const int room = 8 << 20;
	our.server = (struct sockaddr_in){
		.sin_family = AF_INET, .sin_port = htons((uint16_t)port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	our.fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (our.fd < 0)
		fail_call("socket");
	if (setsockopt(our.fd, SOL_SOCKET, SO_RCVBUFFORCE, &room, sizeof room) !=
		0) /* else the window fits the usual one */
		(void)setsockopt(our.fd, SOL_SOCKET, SO_RCVBUF, &room, sizeof room);
}

int main(int argc, char **argv)
{
	if (argc != 8 || inet_pton(AF_INET, argv[7], &our.first_client) != 1) {
		fputs("usage: many-clients PORT RULES CLIENTS RATE SECONDS LABEL ADDRESS\n", stderr);
		return 2;
	}
	our.rules = (unsigned)strtoul(argv[2], NULL, 10);
	our.clients = (unsigned)strtoul(argv[3], NULL, 10);
	our.label = argv[6];
	our.ends = calloc(our.rules, sizeof *our.ends);
	our.answers = calloc(our.rules, sizeof *our.answers);
	if (our.rules == 0 || our.clients == 0 || strlen(our.label) > 63 || !our.ends || !our.answers)
		return 2;
	for (unsigned i = 0; i < our.rules; i++)
		our.ends[i] = (i > 0 ? our.ends[i - 1] : 0) + 1.0 / (i + 1);
	for (unsigned i = 0; i < IDS; i++)
		our.waiting[i] = FREE;
	open_socket((unsigned)strtoul(argv[1], NULL, 10));
	ask_by_rate(strtod(argv[4], NULL), strtod(argv[5], NULL));
	for (unsigned i = 0; i < ROUNDS * our.clients; i++) {
		ask(1, (int)(i % our.clients));
		if (our.under_way >= BATCH)
			take_all();
	}
	take_all();
	for (unsigned i = 0; i < our.rules; i++)
		if (our.answers[i] > 0)
			printf("%u\t%llu\n", i, (unsigned long long)our.answers[i]);
	return our.under_way > 0;
}
