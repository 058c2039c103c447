/* SPDX-License-Identifier: BSD-3-Clause */
#include "feedsync/commands/probe.h"

#include <arpa/nameser.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <time.h>

#include "feedsync/base/json.h"
#include "feedsync/base/log.h"
#include "feedsync/base/maxima.h"
#include "feedsync/base/units.h"
#include "feedsync/base/xalloc.h"
#include "feedsync/commands/commands.h"
#include "feedsync/entries/self_test.h"
#include "feedsync/net/dns_lookup.h"
#include "feedsync/publish/bypass_file.h"
#include "libweir/errors.h"
#include "libweir/table.h"

/* ---- an answer ---- */

/* Whether a record is the module's SOA (plugin/blocked_answer.c). If so, takes the table's numbers from it. */
static bool read_soa(struct probe_answer *answer, ns_msg message, const ns_rr *record)
{
	char mname[NS_MAXDNAME], rname[NS_MAXDNAME];
	const uint8_t *at = ns_rr_rdata(*record), *end = at + ns_rr_rdlen(*record);
	if (ns_rr_type(*record) != ns_t_soa || strcasecmp(ns_rr_name(*record), SELF_TEST_NAME) != 0)
		return false;
	int first = ns_name_uncompress(ns_msg_base(message), ns_msg_end(message), at, mname, sizeof mname);
	int second = first < 0 || first > end - at ? -1
						   : ns_name_uncompress(ns_msg_base(message), ns_msg_end(message),
							     at + first, rname, sizeof rname);
	if (second < 0 || end - at - first - second != 5 * NS_INT32SZ || strcasecmp(rname, "nobody.invalid") != 0)
		return false;
	at += first + second;
	answer->generation = (uint32_t)ns_get32(at);
	answer->created = (uint32_t)ns_get32(at + NS_INT32SZ);
	return true;
}

bool probe_read(struct probe_answer *answer, const uint8_t *packet, size_t length)
{
	ns_msg message;
	ns_rr record;
	*answer = (struct probe_answer){0};
	if (length > NS_MAXMSG || ns_initparse(packet, (int)length, &message) != 0)
		return false;
	answer->rcode = ns_msg_getflag(message, ns_f_rcode);
	for (int i = 0; i < ns_msg_count(message, ns_s_ns); i++) {
		if (ns_parserr(&message, ns_s_ns, i, &record) != 0)
			return false;
		answer->blocks |= answer->rcode == ns_r_nxdomain && read_soa(answer, message, &record);
	}
	return true;
}

/* ---- asking ---- */

enum state { WELL, OLDER, NOT_BLOCKED, NO_ANSWER };

struct probe {
	const char *address;
	struct resolver *resolver;
	struct question question;
	struct probe_answer answer;
	enum state state;
	char error[200];
};

static void begin_probe(struct probe *p)
{
	const struct resolver_config config = {.forward = &p->address, .forward_count = 1};
	p->resolver = resolver_new(&config);
	question_begin(&p->question, p->resolver, SELF_TEST_NAME, ns_t_a, PROBE_TIMEOUT_S);
}

static void end_probe(struct probe *p)
{
	const struct question *q = &p->question;
	bool answered = q->state == QUESTION_ANSWERED;
	p->state = NO_ANSWER;
	if (answered && probe_read(&p->answer, q->packet, q->length))
		p->state = p->answer.blocks ? WELL : NOT_BLOCKED;
	else
		snprintf(p->error, sizeof p->error, "%s", answered ? "the answer cannot be read" : q->error);
	question_end(&p->question);
	resolver_free(&p->resolver);
}

/* Asks these, all at the same time. */
static void ask_at_once(struct probe *probes, size_t count)
{
	struct pollfd fds[PROBES_AT_ONCE];
	for (size_t i = 0; i < count; i++)
		begin_probe(&probes[i]);
	for (bool waiting = true; waiting;) {
		waiting = false;
		for (size_t i = 0; i < count; i++) {
			fds[i] = (struct pollfd){.fd = resolver_fd(probes[i].resolver), .events = POLLIN};
			resolver_process(probes[i].resolver);
			waiting |= question_state(&probes[i].question) == QUESTION_WAITING;
		}
		if (waiting)
			poll(fds, count, 100);
	}
	for (size_t i = 0; i < count; i++)
		end_probe(&probes[i]);
}

/* ---- telling ---- */

struct report {
	struct probe *probes;
	size_t count;
	struct table *published; /* NULL: see why */
	struct why why;
	uint64_t now;
	struct bypass_file bypass; /* on this machine */
};

/* Compares generations as serial numbers, since only 32 bits of the resolver's are known. */
static bool is_older(const struct report *r, const struct probe *p)
{
	return r->published && (int32_t)(p->answer.generation - (uint32_t)table_header(r->published)->generation) < 0;
}

static int worst_code(const struct report *r)
{
	int code = r->published ? 0 : EXIT_TROUBLE;
	for (size_t i = 0; i < r->count; i++) {
		int one = r->probes[i].state == NO_ANSWER ? EXIT_TROUBLE : r->probes[i].state != WELL;
		code = one > code ? one : code;
	}
	return code;
}

static void print_words(const struct report *r)
{
	char text[BYPASS_FILE_TEXT];
	for (size_t i = 0; i < r->count; i++) {
		const struct probe *p = &r->probes[i];
		char made[UNITS_TEXT];
		printf("resolver %s: ", p->address);
		if (p->state == NO_ANSWER)
			printf("NO ANSWER: %s\n", p->error);
		else if (p->state == NOT_BLOCKED)
			printf("NOTHING IS BLOCKED: the self-test's name gets another answer (rcode %u)\n",
				p->answer.rcode);
		else
			printf("%s, generation %u, made %s\n", p->state == WELL ? "well" : "AN OLDER TABLE",
				(unsigned)p->answer.generation, ago_text(r->now, p->answer.created, made));
	}
	if (r->bypass.in_force)
		printf("bypass on this machine %s\n", bypass_file_text(&r->bypass, text));
	if (!r->published)
		printf("published table: NONE: %s\n", r->why.text);
	else if (worst_code(r) == 1)
		printf("published table: generation %llu\n",
			(unsigned long long)table_header(r->published)->generation);
}

static struct node *probe_json(const struct report *r, const struct probe *p)
{
	static const char *const words[] = {"well", "older", "not_blocked", "no_answer"};
	struct node *node = node_object();
	bool known = p->state == WELL || p->state == OLDER;
	node_put(node, "resolver", node_from_text(p->address));
	node_put(node, "result", node_from_text(words[p->state]));
	node_put(node, "blocks", node_from_bool(known));
	if (known) {
		uint64_t created = p->answer.created;
		node_put(node, "generation", node_from_number(p->answer.generation));
		node_put(node, "created", node_from_number(created));
		node_put(node, "age_s", node_from_number(r->now > created ? r->now - created : 0));
	}
	if (p->error[0])
		node_put(node, "error", node_from_text(p->error));
	return node;
}

static void print_json(const struct report *r)
{
	struct node *root = json_answer(), *list = node_array();
	for (size_t i = 0; i < r->count; i++)
		node_append(list, probe_json(r, &r->probes[i]));
	node_put(root, "now", node_from_number(r->now));
	node_put(root, "well", node_from_bool(worst_code(r) == 0));
	if (r->published)
		node_put(root, "generation", node_from_number(table_header(r->published)->generation));
	else
		node_put(root, "error", node_from_text(r->why.text));
	node_put(root, "bypass", bypass_file_to_json(&r->bypass));
	node_put(root, "resolvers", list);
	json_show(root);
	node_free(root);
}

static int check_probe_arguments(const struct invocation *invocation)
{
	bool named = false;
	for (int i = 0; i < invocation->argument_count; i++)
		if (!forwarder_valid(invocation->arguments[i], &named) || named)
			return usage_error(invocation->command, "\"%.100s\" is not ADDRESS or ADDRESS@PORT",
				invocation->arguments[i]);
	return 0;
}

static int cmd_probe(struct invocation *invocation)
{
	size_t count = (size_t)invocation->argument_count;
	struct report r = {.probes = xcalloc(count, sizeof *r.probes), .count = count};
	for (size_t i = 0; i < count; i++)
		r.probes[i].address = invocation->arguments[i];
	/* The table is opened first: what is published while the resolvers are asked makes none of them older. */
	if (table_open(&r.published, invocation->config->table, &r.why) != 0)
		r.published = NULL;
	for (size_t done = 0; done < count; done += PROBES_AT_ONCE)
		ask_at_once(r.probes + done, count - done < PROBES_AT_ONCE ? count - done : PROBES_AT_ONCE);
	r.now = (uint64_t)time(NULL);
	bypass_file_read(&r.bypass, invocation->config->table);
	for (size_t i = 0; i < count; i++)
		if (r.probes[i].state == WELL && is_older(&r, &r.probes[i]))
			r.probes[i].state = OLDER;
	if (option_given(invocation, "--json"))
		print_json(&r);
	else
		print_words(&r);
	int code = worst_code(&r);
	table_close(&r.published);
	free(r.probes);
	return code;
}

const struct command command_probe = {
	.word = "probe",
	.usage = "[--json] RESOLVER...",
	.summary = "ask resolvers, as a client would, whether they block",
	.text = "RESOLVER is ADDRESS or ADDRESS@PORT. Each is asked for " SELF_TEST_NAME
		", a name that every published table\n"
		"blocks for everybody: the answer says by which table it blocks, and when that was made.\n",
	.min_arguments = 1,
	.max_arguments = -1,
	.configuration = CONFIGURATION_IN_USE,
	.options = {{"--json", NULL, NULL, "print JSON"}},
	.exits = {{EXIT_WELL, "all block by the table that is published here, or by a newer one"},
		{EXIT_ATTENTION, "some do not block, or by an older table"},
		{EXIT_TROUBLE, "some could not be asked, or the published table cannot be read"}},
	.check = check_probe_arguments,
	.run = cmd_probe,
};
