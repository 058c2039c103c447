/* SPDX-License-Identifier: BSD-3-Clause */
/* `feedsync shared`: what was given to whom, and when. It reads only and needs no lock. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "feedsync/base/clean.h"
#include "feedsync/base/json.h"
#include "feedsync/base/log.h"
#include "feedsync/base/number.h"
#include "feedsync/base/timestamp.h"
#include "feedsync/circle/shared_log.h"
#include "feedsync/circle/shared_names.h"
#include "feedsync/circle/sighting_names.h"
#include "feedsync/commands/commands.h"
#include "feedsync/entries/normalise.h"
#include "libweir/errors.h"

enum { ROWS_SHOWN = 20 };

/* ---- rows of the log ---- */

struct row_request {
	const char *output; /* NULL: all */
	struct node *rows;  /* NULL: in words */
};

static void print_recipients(const struct node *row)
{
	const struct node *to = node_get(row, "to");
	char text[300];
	for (size_t i = 0; i < node_count(to); i++) {
		const char *recipient = node_text(node_at(to, i), NULL);
		snprintf(text, sizeof text, "%s", recipient ? recipient : "?");
		clean(text, sizeof text);
		printf("%s%s", i == 0 ? "  to " : ", ", text);
	}
	if (node_count(to) > 0)
		putchar('\n');
}

static int print_withheld_count(void *context, const char *key, const struct node *value)
{
	uint64_t count;
	if (node_number(value, &count))
		printf("%s%s %llu", *(bool *)context ? ", " : "  withheld: ", key, (unsigned long long)count);
	*(bool *)context = true;
	return 0;
}

static void print_sightings_row(const struct node *row, const char *output, const char *what, const char *by)
{
	char when[TIMESTAMP_ROOM], day[16];
	node_words_at(row, "day", day, sizeof day);
	printf("%s %s: %s%s%s, %llu", timestamp_text(node_number_at(row, "at"), when), output, what,
		day[0] ? " of " : "", day, (unsigned long long)node_number_at(row, "sightings"));
	if (node_get(row, "refused"))
		printf(", refused %llu", (unsigned long long)node_number_at(row, "refused"));
	printf(", by %s\n", by);
}

static void print_log_row(const struct node *row, const char *chain)
{
	char when[TIMESTAMP_ROOM], output[100], what[40], tlp[40], by[130], sum[SHA256_TEXT];
	bool any = false;
	node_words_at(row, "output", output, sizeof output);
	node_words_at(row, "what", what, sizeof what);
	node_words_at(row, "tlp", tlp, sizeof tlp);
	node_words_at(row, "by", by, sizeof by);
	node_words_at(row, "sha256", sum, sizeof sum);
	if (node_get(row, "sightings"))
		print_sightings_row(row, output, what, by);
	else
		printf("%s %s: %s, serial %llu, %llu names, +%llu -%llu, %llu expired, TLP %s, by %s\n",
			timestamp_text(node_number_at(row, "at"), when), output, what,
			(unsigned long long)node_number_at(row, "serial"),
			(unsigned long long)node_number_at(row, "items"),
			(unsigned long long)node_number_at(row, "added"),
			(unsigned long long)node_number_at(row, "withdrawn"),
			(unsigned long long)node_number_at(row, "expired"), tlp, by);
	print_recipients(row);
	if (node_each(node_get(row, "withheld"), print_withheld_count, &any) == 0 && any)
		putchar('\n');
	if (sum[0])
		printf("  sha256 %s\n", sum);
	printf("  chain %s\n", chain);
}

static int copy_row_member(void *context, const char *key, const struct node *value)
{
	uint64_t number;
	struct node *to = context;
	if (node_text(value, NULL))
		node_put(to, key, node_from_text(node_text(value, NULL)));
	else if (node_is_array(value)) {
		struct node *list = node_array();
		for (size_t i = 0; i < node_count(value); i++)
			node_append(list, node_from_text(node_text(node_at(value, i), NULL)));
		node_put(to, key, list);
	} else if (node_is_object(value)) {
		struct node *object = node_object();
		if (node_each(value, copy_row_member, object) == 0)
			node_put(to, key, object);
	} else if (node_number(value, &number)) {
		node_put(to, key, node_from_number(number));
	}
	return 0;
}

static void show_log_row(void *context, const struct node *row, const char *chain)
{
	struct row_request *request = context;
	if (request->output && !node_is(node_get(row, "output"), request->output))
		return;
	if (!request->rows) {
		print_log_row(row, chain);
		return;
	}
	struct node *copy = node_object();
	if (node_each(row, copy_row_member, copy) == 0)
		node_put(copy, "chain", node_from_text(chain));
	node_append(request->rows, copy);
}

/* ---- a name ---- */

struct name_request {
	struct node *list, *sightings; /* NULL: in words */
	bool any;
};

static void show_shared_name(void *context, const struct output *output, const struct item *item)
{
	struct name_request *request = context;
	request->any = true;
	if (request->list)
		node_append(request->list, shared_names_json(output, item));
	else
		shared_names_print(output, item);
}

static void show_sighting_of_name(void *context, const char *partner, const struct sighting *sighting)
{
	struct name_request *request = context;
	request->any = true;
	if (request->sightings)
		node_append(request->sightings, sighting_names_json(partner, sighting));
	else
		sighting_names_print(partner, sighting);
}

static int answer_name(const struct invocation *invocation, const char *text)
{
	struct name_request request = {0};
	name_storage wire;
	int length = normalise_question(text, strlen(text), wire);
	struct node *root = json_answer();
	if (length < 0) {
		log_error("%.150s: %s", text, error_text(length));
		node_free(root);
		return EXIT_TROUBLE;
	}
	name_lower(wire, wire, (size_t)length);
	if (option_given(invocation, "--json")) {
		request.list = node_array();
		request.sightings = node_array();
	}
	bool all = shared_names_each(invocation->config, wire, (size_t)length, show_shared_name, &request);
	struct why why;
	if (sighting_names_each(invocation->config, wire, (size_t)length, show_sighting_of_name, &request, &why) != 0) {
		log_error("what was sighted of it is not known: %s", why.text);
		all = false;
	}
	node_put(root, "name", node_from_text(text));
	if (request.list) {
		node_put(root, "items", request.list);
		node_put(root, "sightings", request.sightings);
		json_show(root);
	} else if (!request.any) {
		printf("%s was never shared\n", text);
	}
	node_free(root);
	return all ? EXIT_WELL : EXIT_TROUBLE;
}

/* ---- the command ---- */

static int verify_log(struct shared_log *log, bool json, struct why *why)
{
	char chain[SHA256_TEXT];
	uint64_t rows;
	struct node *root = json_answer();
	int status = shared_log_verify(log, &rows, why);
	if (status == 0)
		status = shared_log_newest(log, chain, why);
	node_put(root, "rows", node_from_number(rows));
	node_put(root, "whole", node_from_bool(status == 0));
	node_put(root, "chain", node_from_text(status == 0 ? chain : NULL));
	if (json)
		json_show(root);
	else if (status == 0)
		printf("%llu rows, all as they were written; newest chain value %s\n", (unsigned long long)rows, chain);
	node_free(root);
	return status;
}

static int answer_rows(const struct invocation *invocation, struct shared_log *log, const char *output, struct why *why)
{
	bool json = option_given(invocation, "--json");
	const char *count = option_value(invocation, "-n");
	struct row_request request = {.output = output, .rows = json ? node_array() : NULL};
	struct node *root = json_answer();
	/* Rows of other outputs count for nothing, so that all are looked at. */
	int status = shared_log_each(log,
		output  ? 0
		: count ? number_positive(count)
			: ROWS_SHOWN,
		show_log_row, &request, why);
	node_put(root, "rows", request.rows);
	if (json && status == 0)
		json_show(root);
	node_free(root);
	return status;
}

static int cmd_shared(struct invocation *invocation)
{
	const struct config *config = invocation->config;
	const char *what = invocation->argument_count > 0 ? invocation->arguments[0] : NULL;
	struct shared_log *log;
	struct why why;
	if (what && !config_find_output(config, what) && !config_find_partner(config, what) && strchr(what, '.'))
		return answer_name(invocation, what);
	int status = shared_log_open(&log, config->state, false, &why);
	if (status == -ENOENT) {
		log_info("nothing was ever shared");
		return EXIT_WELL;
	}
	if (status == 0)
		status = option_given(invocation, "--verify")
				 ? verify_log(log, option_given(invocation, "--json"), &why)
				 : answer_rows(invocation, log, what, &why);
	shared_log_close(&log);
	if (status != 0)
		log_error("%s", why.text);
	return status == 0 ? EXIT_WELL : status == -EBADMSG ? EXIT_ATTENTION : EXIT_TROUBLE;
}

static int check_shared_arguments(const struct invocation *invocation)
{
	const char *count = option_value(invocation, "-n");
	return count && number_positive(count) == 0 ? usage_error(invocation->command, "-n %.100s: not a number", count)
						    : 0;
}

const struct command command_shared = {
	.word = "shared",
	.usage = "[--json] [-n N] [--verify] [OUTPUT | NAME]",
	.summary = "tell what was given to others, and when",
	.text = "Prints the log of releases: what was about to be shown (\"pending\") and what was shown "
		"(\"publish\"), "
		"to whom, how\n"
		"many names, what was withheld. Each row has a chain value that depends on all rows before it: whoever "
		"has noted one\n"
		"can tell later that no row before it was changed. With a name, each output that lists it or once "
		"did.\n",
	.min_arguments = 0,
	.max_arguments = 1,
	.options = {{"--json", NULL, NULL, "print JSON"}, {"-n", "N", NULL, "the last N rows (20)"},
		{"--verify", NULL, NULL, "compute all chain values again"}},
	.configuration = CONFIGURATION_IN_USE,
	.as_owner = true,
	.exits = {{EXIT_WELL, "it is told; with --verify: every row is as it was written"},
		{EXIT_ATTENTION, "a row is not as it was written"},
		{EXIT_TROUBLE, "the log, or a state, cannot be read"}},
	.check = check_shared_arguments,
	.run = cmd_shared,
};
