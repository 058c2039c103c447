/* SPDX-License-Identifier: BSD-3-Clause */
/* `feedsync probe RESOLVER...`: asks live resolvers for the self-test's name (self_test.h), as a client would, and
 * tells for each whether it blocks, and by which table. */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "feedsync/base/json.h"
#include "feedsync/base/units.h"
#include "feedsync/base/xalloc.h"
#include "feedsync/commands/commands.h"
#include "feedsync/entries/self_test.h"
#include "feedsync/net/dns_lookup.h"
#include "feedsync/net/dns_probe.h"
#include "feedsync/publish/bypass_file.h"
#include "libweir/errors.h"
#include "libweir/table.h"

/* ---- asking ---- */

enum state { WELL, OLDER, NOT_BLOCKED, NO_ANSWER };

struct probe {
	const char *address;
	struct dns_answer answer;
	enum state state;
	char error[100];
};

static void take_probe(struct probe *p, const struct dns_probe *asked)
{
	char rcode[DNS_RCODE_TEXT];
	p->answer = asked->answer;
	p->state = NO_ANSWER;
	if (!asked->answered)
		snprintf(p->error, sizeof p->error, "%s", asked->error);
	else if (dns_answer_is_failure(&p->answer))
		snprintf(p->error, sizeof p->error, "no answer that can be used (%s)",
			dns_rcode_text(p->answer.rcode, rcode));
	else
		p->state = dns_answer_is_enforced(&p->answer) ? WELL : NOT_BLOCKED;
}

static void ask_resolvers(struct probe *probes, size_t count)
{
	struct dns_probe *asked = xcalloc(count, sizeof *asked);
	for (size_t i = 0; i < count; i++)
		asked[i] = (struct dns_probe){.resolver = probes[i].address, .name = SELF_TEST_NAME};
	dns_probes_ask(asked, count);
	for (size_t i = 0; i < count; i++)
		take_probe(&probes[i], &asked[i]);
	free(asked);
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
	ask_resolvers(r.probes, count);
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
