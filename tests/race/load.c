/* SPDX-License-Identifier: BSD-3-Clause */
/* race-load: asks a resolver without a pause and checks every answer, while it publishes one table after the other.
 *
 *   race-load zone | race-load list GENERATION       what the race is about, for the server and for feedsync
 *   race-load run -p PORT -l LIVE -t TABLE -d DIRECTORY -n TABLES [-P PID] [-r RATE] [-w WINDOW] [-i MS] [-T SECONDS]
 *
 * An answer is right if it is the very one that some table gives that may have been in force between the moment in
 * which the query was sent and the moment in which the answer came. A query is sent once; without an answer it is lost.
 *
 * A resolver that reloads drops the queries for which it waits for a server. Whoever makes it reload says so on
 * standard input, a letter a line, each answered by a line once it is done:
 *
 *   c  calm: from now on only what the module answers by itself; done when nothing else is under way. Then a reload may
 *      lose nothing at all.
 *   r  rough: a reload is about to begin, in the midst of everything: what is under way to a server may be dropped, and
 *      is counted apart.
 *   g  the reload is over, go on as before.
 *   q  the end; prints what was found as JSON. Exits 0 only if nothing was wrong or lost.
 */
#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "names.h"
#include "timeline.h"

enum {
	SOCKETS = 16,
	MOST_SLOTS = 64,
	SLOT_BITS = 6,
	PACKET_ROOM = 4096,
	SAMPLES = 20,
	ROUGH = 64,
	CONNECTION_QUERIES = 20
};
#define SECOND UINT64_C(1000000000)
#define DROPPED (2 * SECOND) /* what has no answer by then gets none */

static struct {
	struct sockaddr_in server;
	unsigned rate;   /* queries a second over UDP; 0 = as many as the window lets through */
	unsigned window; /* queries under way, a socket */
	uint64_t timeout;
	struct timeline_options timeline;
} options = {.rate = 25000, .window = 16, .timeout = 5 * SECOND, .timeline = {.interval_ms = 50}};

/* What was found, by both threads. */
static struct {
	_Atomic uint64_t sent, tcp, answers, blocked, passed, one_table, wrong, lost, dropped;
} found;

/* What the one who reloads says, and what it is told. */
static atomic_bool ending, calm, reloading;
static struct {
	_Atomic uint64_t begin, end;
} rough[ROUGH]; /* the last rough reloads */
static atomic_uint roughs;
static atomic_uint under_way[2]; /* by thread: queries that a reload may drop */
enum { UDP, TCP };

static void give_up(const char *what)
{
	perror(what);
	exit(2);
}

/* ---- judging ---- */

struct judged {
	const struct question *question;
	enum reading reading;
	uint32_t serial;
	bool right;
	char tables[256]; /* those that it may have been */
	size_t used;
};

static void judge(void *context, uint64_t generation)
{
	struct judged *j = context;
	bool blocked = names_blocked(j->question, generation);
	j->right |= (j->reading == READ_BLOCKED && blocked && j->serial == generation) ||
		    (j->reading == READ_PASSED && !blocked);
	if (j->used < sizeof j->tables)
		j->used += (size_t)snprintf(j->tables + j->used, sizeof j->tables - j->used, " %llu%s",
			(unsigned long long)generation, blocked ? " (blocks)" : "");
}

static void say_wrong(const struct judged *j, const uint8_t *packet, size_t length, uint64_t sent, uint64_t received)
{
	char name[QUESTION_ROOM], answer[64];
	names_text(j->question, name);
	if (j->reading == READ_BLOCKED)
		snprintf(answer, sizeof answer, "blocked by table %u", j->serial);
	else if (j->reading == READ_PASSED)
		snprintf(answer, sizeof answer, "passed");
	else
		snprintf(answer, sizeof answer, "something else (rcode %d)", length > 3 ? packet[3] & 15 : -1);
	fprintf(stderr, "wrong: %s: %s; sent at %.6f, answered after %.3f ms; tables that may be in force:%s\n", name,
		answer, (double)sent / 1e9, (double)(received - sent) / 1e6, j->tables);
}

static void check_answer(
	const struct question *question, const uint8_t *packet, size_t length, uint64_t sent, uint64_t received)
{
	struct judged judged = {.question = question};
	judged.reading = names_read(question, packet, length, &judged.serial);
	unsigned tables = timeline_each(sent, received, judge, &judged);
	atomic_fetch_add(&found.answers, 1);
	atomic_fetch_add(&found.one_table, tables == 1);
	if (!judged.right && atomic_fetch_add(&found.wrong, 1) < SAMPLES)
		say_wrong(&judged, packet, length, sent, received);
	else if (judged.right)
		atomic_fetch_add(judged.reading == READ_BLOCKED ? &found.blocked : &found.passed, 1);
}

/* Whether a query that got no answer may have been under way to a server when a reload began: sent in its course, or
 * not long before. `now` is when it is given up; a reload that has just ended may still be answering. */
static bool may_be_dropped(const struct question *question, uint64_t sent, uint64_t now)
{
	unsigned count = atomic_load(&roughs);
	for (unsigned i = count > ROUGH ? count - ROUGH : 0; i < count && !names_local(question); i++) {
		uint64_t begin = atomic_load(&rough[i % ROUGH].begin), end = atomic_load(&rough[i % ROUGH].end);
		if (sent <= end && sent + DROPPED >= begin && end < now && now - end > DROPPED)
			return true;
	}
	return false;
}

static void count_lost(const struct question *question, uint64_t sent, const char *how)
{
	char name[QUESTION_ROOM];
	if (may_be_dropped(question, sent, timeline_now())) {
		atomic_fetch_add(&found.dropped, 1);
	} else if (atomic_fetch_add(&found.lost, 1) < SAMPLES) {
		names_text(question, name);
		fprintf(stderr, "lost: %s %s, sent at %.6f%s\n", name, how, (double)sent / 1e9,
			atomic_load(&calm)        ? ", calm"
			: atomic_load(&reloading) ? ", reloading"
						  : "");
	}
}

/* ---- UDP ---- */

struct slot {
	struct question question;
	uint64_t sent; /* 0 = free */
	uint16_t id;
	size_t question_end;
	uint8_t packet[QUESTION_ROOM];
};

struct socket {
	int fd;
	unsigned busy;
	uint16_t turn;
	struct slot slot[MOST_SLOTS];
};

static struct socket sockets[SOCKETS];

static void open_sockets(void)
{
	for (unsigned i = 0; i < SOCKETS; i++) {
		sockets[i].fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
		if (sockets[i].fd < 0 ||
			connect(sockets[i].fd, (struct sockaddr *)&options.server, sizeof options.server) != 0)
			give_up("socket");
	}
}

static void release(struct socket *s, struct slot *slot)
{
	slot->sent = 0;
	s->busy--;
	atomic_fetch_sub(&under_way[UDP], !names_local(&slot->question));
}

/* Announced before it is looked whether that may be sent: whoever calls for calm sees the one or is seen. */
static struct question announce(uint64_t *random, unsigned thread)
{
	atomic_fetch_add(&under_way[thread], 1);
	struct question question = names_pick(random, atomic_load(&calm));
	atomic_fetch_sub(&under_way[thread], names_local(&question));
	return question;
}

/* Returns whether a query was sent. */
static bool send_one(struct socket *s, uint64_t *random)
{
	unsigned i = 0;
	while (i < options.window && s->slot[i].sent != 0)
		i++;
	if (i == options.window)
		return false;
	struct slot *slot = &s->slot[i];
	slot->id = (uint16_t)(++s->turn << SLOT_BITS | i);
	slot->question = announce(random, UDP);
	size_t length = names_write(&slot->question, slot->id, slot->packet, &slot->question_end);
	slot->sent = timeline_now();
	s->busy++;
	if (send(s->fd, slot->packet, length, 0) != (ssize_t)length) {
		release(s, slot);
		return false;
	}
	atomic_fetch_add(&found.sent, 1);
	return true;
}

static bool answers(const uint8_t *packet, size_t length, const uint8_t *query, size_t question_end)
{
	return length >= question_end && memcmp(packet, query, 2) == 0 && (packet[2] & 0x80) &&
	       memcmp(packet + 12, query + 12, question_end - 12) == 0;
}

/* Returns whether something came. */
static bool receive(struct socket *s)
{
	uint8_t packet[PACKET_ROOM];
	bool any = false;
	for (ssize_t length; (length = recv(s->fd, packet, sizeof packet, 0)) > 0; any = true) {
		uint64_t now = timeline_now();
		struct slot *slot = length >= 12 ? &s->slot[packet[1] & (MOST_SLOTS - 1)] : NULL;
		if (!slot || slot->sent == 0 || !answers(packet, (size_t)length, slot->packet, slot->question_end)) {
			/* Nobody waits for this: it is too late (and counted as lost), or foreign. */
			fprintf(stderr, "an answer that nobody waits for\n");
			continue;
		}
		check_answer(&slot->question, packet, (size_t)length, slot->sent, now);
		release(s, slot);
	}
	return any;
}

/* What a reload may have dropped is not waited for as long as the rest. Nobody is waited for while it lasts. */
static bool is_overdue(const struct slot *slot, uint64_t now)
{
	return slot->sent != 0 && !atomic_load(&reloading) &&
	       (may_be_dropped(&slot->question, slot->sent, now) || slot->sent + options.timeout < now);
}

static void expire(struct socket *s, uint64_t now)
{
	for (unsigned i = 0; i < options.window; i++)
		if (is_overdue(&s->slot[i], now)) {
			count_lost(&s->slot[i].question, s->slot[i].sent, "over UDP");
			release(s, &s->slot[i]);
		}
}

static void wait_for_answers(void)
{
	struct pollfd fds[SOCKETS];
	for (unsigned i = 0; i < SOCKETS; i++)
		fds[i] = (struct pollfd){.fd = sockets[i].fd, .events = POLLIN};
	poll(fds, SOCKETS, 1);
}

/* How many may be sent now. What the rate allows and the window did not is not made up for later. */
static unsigned allowance(uint64_t now)
{
	static uint64_t last;
	static double credit;
	if (options.rate == 0)
		return SOCKETS * MOST_SLOTS;
	if (last != 0)
		credit += (double)(now - last) * 1e-9 * options.rate;
	last = now;
	if (credit > SOCKETS * MOST_SLOTS)
		credit = SOCKETS * MOST_SLOTS;
	unsigned whole = (unsigned)credit;
	credit -= whole;
	return whole;
}

static uint64_t longest_silence;

static bool any_busy(void)
{
	for (unsigned i = 0; i < SOCKETS; i++)
		if (sockets[i].busy > 0)
			return true;
	return false;
}

static void *run_udp(void *unused)
{
	uint64_t random = UINT64_C(0x9e3779b97f4a7c15), heard = timeline_now(), expired = heard;
	for (unsigned first = 0; !atomic_load(&ending) || any_busy(); first++) {
		uint64_t now = timeline_now();
		unsigned allowed = atomic_load(&ending) ? 0 : allowance(now), full = 0;
		for (unsigned i = first; allowed > 0 && full < SOCKETS; i++) {
			bool sent = send_one(&sockets[i % SOCKETS], &random);
			full = sent ? 0 : full + 1;
			allowed -= sent;
		}
		wait_for_answers();
		bool any = false;
		for (unsigned i = 0; i < SOCKETS; i++)
			any |= receive(&sockets[i]);
		now = timeline_now();
		if (any) {
			if (now - heard > longest_silence)
				longest_silence = now - heard;
			heard = now;
		}
		if (now - expired > SECOND / 10) {
			for (unsigned i = 0; i < SOCKETS; i++)
				expire(&sockets[i], now);
			expired = now;
		}
	}
	return unused;
}

/* ---- TCP ---- */

static bool read_all(int fd, uint8_t *to, size_t length)
{
	for (ssize_t n; length > 0; to += n, length -= (size_t)n) {
		n = recv(fd, to, length, 0);
		if (n <= 0)
			return false;
	}
	return true;
}

/* Asks once and checks. Returns whether the connection is good for more. */
static bool ask_tcp(int fd, uint64_t *random)
{
	struct question question = announce(random, TCP);
	uint8_t query[2 + QUESTION_ROOM], packet[PACKET_ROOM], prefix[2];
	size_t question_end, length = names_write(&question, (uint16_t)*random, query + 2, &question_end);
	query[0] = 0;
	query[1] = (uint8_t)length;
	uint64_t sent = timeline_now();
	bool good = send(fd, query, length + 2, MSG_NOSIGNAL) == (ssize_t)length + 2 && read_all(fd, prefix, 2);
	size_t answer = good ? (size_t)prefix[0] << 8 | prefix[1] : 0;
	good = good && answer <= sizeof packet && read_all(fd, packet, answer) &&
	       answers(packet, answer, query + 2, question_end);
	atomic_fetch_add(&found.tcp, 1);
	if (good)
		check_answer(&question, packet, answer, sent, timeline_now());
	else
		count_lost(&question, sent, "over TCP");
	atomic_fetch_sub(&under_way[TCP], !names_local(&question));
	return good;
}

/* Reloads close connections: there are none meanwhile. */
static void *run_tcp(void *unused)
{
	uint64_t random = UINT64_C(0x2545f4914f6cdd1d);
	const struct timeval timeout = {.tv_sec = (time_t)(options.timeout / SECOND)};
	while (!atomic_load(&ending)) {
		int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
		if (fd < 0)
			give_up("socket");
		setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &timeout, sizeof timeout);
		/* A whole connection is under way, whatever is asked. */
		atomic_fetch_add(&under_way[TCP], 1);
		bool good = !atomic_load(&calm) && !atomic_load(&reloading) &&
			    connect(fd, (struct sockaddr *)&options.server, sizeof options.server) == 0;
		for (unsigned i = 0; good && i < CONNECTION_QUERIES && !atomic_load(&calm) && !atomic_load(&reloading);
			i++)
			good = ask_tcp(fd, &random);
		close(fd);
		atomic_fetch_sub(&under_way[TCP], 1);
		poll(NULL, 0, 20);
	}
	return unused;
}

/* ---- orders ---- */

/* Returns false when it is the end. */
static bool obey(char order)
{
	switch (order) {
	case 'c':
		atomic_store(&calm, true);
		while (atomic_load(&under_way[UDP]) + atomic_load(&under_way[TCP]) > 0)
			poll(NULL, 0, 1);
		return true;
	case 'r':
		atomic_store(&rough[atomic_load(&roughs) % ROUGH].begin, timeline_now());
		atomic_store(&rough[atomic_load(&roughs) % ROUGH].end, UINT64_MAX);
		atomic_fetch_add(&roughs, 1);
		atomic_store(&reloading, true);
		/* A reload cuts connections, which is nothing new. */
		while (atomic_load(&under_way[TCP]) > 0)
			poll(NULL, 0, 1);
		return true;
	case 'g':
		if (atomic_load(&reloading))
			atomic_store(&rough[(atomic_load(&roughs) - 1) % ROUGH].end, timeline_now());
		atomic_store(&reloading, false);
		atomic_store(&calm, false);
		return true;
	default: return false;
	}
}

static void print_found(double seconds)
{
	printf("{\"seconds\": %.1f, \"udp\": %llu, \"tcp\": %llu, \"rate\": %.0f, \"answers\": %llu, \"blocked\": "
	       "%llu, "
	       "\"passed\": %llu, \"one_table\": %llu, \"wrong\": %llu, \"lost\": %llu, \"dropped\": %llu, \"swaps\": "
	       "%u, "
	       "\"walked\": %u, \"longest_swap_ms\": %.1f, \"longest_silence_ms\": %.1f}\n",
		seconds, (unsigned long long)found.sent, (unsigned long long)found.tcp, (double)found.answers / seconds,
		(unsigned long long)found.answers, (unsigned long long)found.blocked, (unsigned long long)found.passed,
		(unsigned long long)found.one_table, (unsigned long long)found.wrong, (unsigned long long)found.lost,
		(unsigned long long)found.dropped, timeline_published() - 1, timeline_walked(),
		(double)timeline_longest() / 1e6, (double)longest_silence / 1e6);
}

static int run(void)
{
	pthread_t udp, tcp;
	open_sockets();
	timeline_start(&options.timeline);
	uint64_t start = timeline_now();
	if (pthread_create(&udp, NULL, run_udp, NULL) != 0 || pthread_create(&tcp, NULL, run_tcp, NULL) != 0)
		give_up("thread");
	char line[16];
	while (fgets(line, sizeof line, stdin) && obey(line[0])) {
		puts("done");
		fflush(stdout);
	}
	atomic_store(&ending, true);
	pthread_join(udp, NULL);
	pthread_join(tcp, NULL);
	double seconds = (double)(timeline_now() - start) * 1e-9;
	timeline_stop();
	print_found(seconds);
	return found.wrong + found.lost > 0;
}

static int usage(void)
{
	fputs("usage: race-load zone | race-load list GENERATION\n"
	      "       race-load run -p PORT -l LIVE -t TABLE -d DIRECTORY -n TABLES [-P PID] [-r RATE] [-w WINDOW] [-i "
	      "MS] "
	      "[-T SECONDS]\n",
		stderr);
	return 2;
}

static int read_options(int argc, char **argv)
{
	options.server = (struct sockaddr_in){.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	for (int option; (option = getopt(argc, argv, "p:P:l:t:d:n:r:w:i:T:")) != -1;) {
		unsigned number = optarg ? (unsigned)strtoul(optarg, NULL, 10) : 0;
		switch (option) {
		case 'p': options.server.sin_port = htons((uint16_t)number); break;
		case 'P': options.timeline.pid = (pid_t)number; break;
		case 'l': options.timeline.live = optarg; break;
		case 't': options.timeline.table = optarg; break;
		case 'd': options.timeline.directory = optarg; break;
		case 'n': options.timeline.tables = number; break;
		case 'r': options.rate = number; break;
		case 'w': options.window = number; break;
		case 'i': options.timeline.interval_ms = number; break;
		case 'T': options.timeout = number * SECOND; break;
		default: return usage();
		}
	}
	const struct timeline_options *t = &options.timeline;
	bool good = options.server.sin_port != 0 && t->live && t->table && t->directory && t->tables > 0 &&
		    options.window > 0 && options.window <= MOST_SLOTS && options.timeout > 0;
	return good ? 0 : usage();
}

int main(int argc, char **argv)
{
	if (argc == 2 && strcmp(argv[1], "zone") == 0) {
		names_print_zone();
		return 0;
	}
	if (argc == 3 && strcmp(argv[1], "list") == 0) {
		names_print_list(strtoull(argv[2], NULL, 10));
		return 0;
	}
	if (argc < 2 || strcmp(argv[1], "run") != 0)
		return usage();
	int status = read_options(argc - 1, argv + 1);
	return status != 0 ? status : run();
}
