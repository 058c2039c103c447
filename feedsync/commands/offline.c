/* SPDX-License-Identifier: BSD-3-Clause */
#include "feedsync/commands/offline.h"

#include <errno.h>
#include <getopt.h>
#include <stdlib.h>
#include <string.h>

#include "feedsync/base/atomic_file.h"
#include "feedsync/base/clean.h"
#include "feedsync/base/log.h"
#include "feedsync/base/xalloc.h"
#include "feedsync/compile/compile.h"
#include "feedsync/entries/normalise.h"
#include "libweir/dump.h"
#include "libweir/errors.h"
#include "libweir/groups.h"
#include "libweir/table.h"

enum { EXIT_TROUBLE = 2 };

/* ---- compile ---- */

struct compile_arguments {
	const struct format *format;
	const char *output;
	struct parse_options options;
	char **files;
	int file_count;
};

static int compile_usage(void)
{
	log_error("usage: feedsync compile -f FORMAT -o TABLE [--scope exact|subtree] [--field NAME] [--urls]"
		  " FILE...");
	return EXIT_TROUBLE;
}

static int read_arguments(struct compile_arguments *a, int argc, char **argv)
{
	static const struct option options[] = {{"scope", required_argument, NULL, 's'},
		{"field", required_argument, NULL, 'd'}, {"urls", no_argument, NULL, 'u'}, {0}};
	const char *scope = NULL;
	for (int option; (option = getopt_long(argc, argv, "f:o:", options, NULL)) != -1;) {
		switch (option) {
		case 'f':
			a->format = format_find(optarg);
			if (!a->format) {
				log_error("unknown format \"%s\"; known are %s", optarg, format_names());
				return EXIT_TROUBLE;
			}
			break;
		case 'o': a->output = optarg; break;
		case 's': scope = optarg; break;
		case 'd': a->options.field = optarg; break;
		case 'u': a->options.urls = true; break;
		default: return compile_usage();
		}
	}
	a->files = argv + optind;
	a->file_count = argc - optind;
	if (!a->format || !a->output || a->file_count < 1)
		return compile_usage();
	if (a->format->has_fields != (a->options.field != NULL)) {
		log_error(
			"%s", a->options.field ? "this format has no fields" : "in this format --field NAME is needed");
		return EXIT_TROUBLE;
	}
	if (a->options.urls && !a->format->has_values) {
		log_error("in this format there are no URLs");
		return EXIT_TROUBLE;
	}
	a->options.scope = a->format->scope;
	a->options.below = a->format->below;
	a->options.piped = true;
	return scope && scope_from_text(scope, &a->options.scope) != 0 ? compile_usage() : 0;
}

/* A feed's name is its file's; characters that output uses to part things become "_". */
static void name_feed(char name[POLICY_MAX_NAME + 1], const char *path)
{
	size_t length = strlen(path);
	while (length > 1 && path[length - 1] == '/')
		length--;
	const char *base = memrchr(path, '/', length - 1);
	base = base ? base + 1 : path;
	length -= (size_t)(base - path);
	if (strcmp(path, "-") == 0)
		base = "stdin", length = 5;
	if (length > POLICY_MAX_NAME)
		length = POLICY_MAX_NAME;
	memcpy(name, base, length);
	name[length] = '\0';
	for (char *c = name; *c; c++)
		if (*c <= ' ' || *c > '~' || *c == ',' || *c == '\\')
			*c = '_';
}

/* A feed of which something could not be read, or nothing could be used, is more likely to be a mistake than a wish. */
static int check_feeds(const struct compile *compile, struct why *why)
{
	uint64_t entries = 0, rejected = 0;
	for (size_t i = 0; i < compile->feed_count; i++) {
		if (compile->feeds[i].damage.text[0])
			return why_set(
				why, -EBADMSG, "%s: %s", compile->feeds[i].document, compile->feeds[i].damage.text);
		entries += compile->feeds[i].tally.entries;
		rejected += tally_rejected(&compile->feeds[i].tally);
	}
	if (entries == 0 && rejected > 0)
		return why_set(why, -EBADMSG, "not one usable entry (%llu not used)", (unsigned long long)rejected);
	return 0;
}

static int write_table(struct compile *compile, const char *output, struct build_result *result, struct why *why)
{
	struct atomic_file publish;
	int status = atomic_file_begin(&publish, output, MODE_PUBLIC, why);
	if (status != 0)
		return status;
	status = compile_table(compile, publish.fd, result, why);
	if (status == 0)
		status = check_feeds(compile, why);
	if (status == 0)
		return atomic_file_commit(&publish, why);
	atomic_file_abort(&publish);
	return status;
}

static int compile_files(const struct compile_arguments *a, struct compile *compile, struct feed_policy *feeds)
{
	static const struct category_policy category = {
		.name = "malicious", .action = ACTION_NXDOMAIN, .ede = 15, .ttl_s = 30};
	for (int i = 0; i < a->file_count; i++) {
		name_feed(feeds[i].name, a->files[i]);
		feeds[i].check_targets = true;
		bool standard_input = strcmp(a->files[i], "-") == 0;
		compile->feeds[i] = (struct compile_feed){
			.format = a->format,
			.options = a->options,
			.path = standard_input ? NULL : a->files[i],
			.document = standard_input ? "stdin" : a->files[i],
			.source = {.feed = (uint16_t)i},
		};
	}
	compile->policy = (struct policy){
		.feeds = feeds, .feed_count = (uint32_t)a->file_count, .categories = &category, .category_count = 1};
	compile->feed_count = (size_t)a->file_count;
	compile->key = BUILD_PUBLIC_KEY;

	struct build_result result = {0};
	struct why why;
	int status = write_table(compile, a->output, &result, &why);
	for (size_t i = 0; i < compile->feed_count; i++)
		compile_log_rejects(compile->feeds[i].document, &compile->feeds[i].tally);
	if (status == DURABILITY_UNCERTAIN)
		log_warning("%s", why.text);
	else if (status != 0) {
		log_error("%s", why.text);
		return EXIT_TROUBLE;
	}
	log_info("%s: %llu rules from %llu entries, %llu octets", a->output, (unsigned long long)result.rules,
		(unsigned long long)result.added, (unsigned long long)result.octets);
	return 0;
}

int offline_compile(int argc, char **argv)
{
	struct compile_arguments arguments = {0};
	int status = read_arguments(&arguments, argc, argv);
	if (status != 0)
		return status;
	if (arguments.file_count > POLICY_MAX_FEEDS) {
		log_error("more than %d files", POLICY_MAX_FEEDS);
		return EXIT_TROUBLE;
	}
	unsigned standard_inputs = 0;
	for (int i = 0; i < arguments.file_count; i++)
		standard_inputs += strcmp(arguments.files[i], "-") == 0;
	if (standard_inputs > 1) {
		log_error("standard input can be read once only");
		return EXIT_TROUBLE;
	}
	struct compile compile = {.feeds = xcalloc((size_t)arguments.file_count, sizeof *compile.feeds)};
	struct feed_policy *feeds = xcalloc((size_t)arguments.file_count, sizeof *feeds);
	status = compile_files(&arguments, &compile, feeds);
	free(compile.feeds);
	free(feeds);
	return status;
}

/* ---- lookup ---- */

static struct table *open_or_log(const char *path)
{
	struct table *table;
	struct why why;
	if (table_open(&table, path, &why) == 0)
		return table;
	log_error("%s: %s", path, why.text);
	return NULL;
}

/* For whom names are looked up. */
struct asker {
	const struct table *table;
	uint16_t group;
};

static const char *decision_text(const struct verdict *verdict, enum action action)
{
	if (verdict->decision == DECISION_ALLOW)
		return "allow";
	return action == ACTION_ALLOW ? "pass" : action == ACTION_LOG ? "log" : "block";
}

/* The sources that a verdict is due to: those in effect, or, where nothing blocks, those of the rule itself. */
static size_t sources_of(const struct verdict *verdict, struct source *sources)
{
	size_t count = 0;
	if (verdict->decision == DECISION_BLOCK) {
		memcpy(sources, verdict->effective, verdict->effective_count * sizeof *sources);
		return verdict->effective_count;
	}
	for (unsigned i = 0; i < verdict->own_count; i++)
		if (verdict->own[i].kind != RULE_BLOCK)
			sources[count++] = verdict->own[i].source;
	return count;
}

/* Prints one result line. Returns 1 if the name is blocked, 0 if not, 2 if it is no name. */
static int lookup_name(const struct asker *asker, const char *asked)
{
	name_storage wire;
	char text[NAME_MAX_TEXT];
	int wire_length = normalise_question(asked, strlen(asked), wire);
	clean_text(text, sizeof text, asked);
	if (wire_length < 0) {
		log_error("%s: %s", text, error_text(wire_length));
		return EXIT_TROUBLE;
	}
	struct match match;
	if (!table_lookup(asker->table, wire, (size_t)wire_length, &match)) {
		printf("%s\tpass\t-\t-\t-\t-\t-\n", text);
		return 0;
	}
	const struct policy *policy = table_policy(asker->table);
	const struct verdict *verdict = &policy->verdicts[match.verdict];
	size_t most = verdict->own_count > verdict->effective_count ? verdict->own_count : verdict->effective_count;
	struct source *sources = xcalloc(most, sizeof *sources);
	size_t count = sources_of(verdict, sources);
	char *feeds = feeds_text(policy, sources, count), *categories = categories_text(policy, sources, count);
	char rule[NAME_MAX_TEXT];
	name_to_text(wire + match.rule_offset, (size_t)wire_length - match.rule_offset, rule);
	enum action action = verdict_effect(verdict, policy, asker->group, false).action;
	printf("%s\t%s\t%s\t%s\t%s\t%s\t%s\n", text, decision_text(verdict, action), rule, scope_text(match.scope),
		verdict->decision == DECISION_PASS ? "-" : action_text(action), feeds ? feeds : "?",
		categories ? categories : "?");
	free(sources);
	free(feeds);
	free(categories);
	return verdict->decision == DECISION_BLOCK && action > ACTION_LOG;
}

static int worse(int a, int b)
{
	return a > b ? a : b;
}

static int lookup_lines(const struct asker *asker)
{
	char *line = NULL;
	size_t room = 0;
	int code = 0;
	for (ssize_t n; (n = getline(&line, &room, stdin)) > 0;) {
		while (n > 0 && strchr("\n\r \t", line[n - 1]))
			line[--n] = '\0';
		if (n > 0)
			code = worse(code, lookup_name(asker, line));
	}
	free(line);
	if (ferror(stdin)) {
		log_error("cannot read: %s", error_text(-errno));
		return EXIT_TROUBLE;
	}
	return code;
}

int offline_lookup(int argc, char **argv)
{
	static const struct option options[] = {{"client", required_argument, NULL, 'c'}, {0}};
	struct client_prefix client = {.length = 0};
	int option;
	while ((option = getopt_long(argc, argv, "+", options, NULL)) == 'c') {
		if (!prefix_from_text(optarg, &client) || strchr(optarg, '/')) {
			log_error("\"%s\" is no address", optarg);
			return EXIT_TROUBLE;
		}
	}
	argc -= optind;
	argv += optind;
	if (option != -1 || argc < 1) {
		log_error("usage: feedsync lookup [--client ADDRESS] TABLE [NAME...]");
		return EXIT_TROUBLE;
	}
	struct table *table = open_or_log(argv[0]);
	if (!table)
		return EXIT_TROUBLE;
	const struct asker asker = {
		table, client.length > 0 ? group_of(table_policy(table), client.address) : GROUP_DEFAULT};
	int code = 0;
	for (int i = 1; i < argc; i++)
		code = worse(code, lookup_name(&asker, argv[i]));
	if (argc == 1)
		code = lookup_lines(&asker);
	table_close(&table);
	return code;
}

/* ---- dump, verify ---- */

int offline_dump(int argc, char **argv)
{
	if (argc != 2) {
		log_error("usage: feedsync dump TABLE");
		return EXIT_TROUBLE;
	}
	struct table *table = open_or_log(argv[1]);
	if (!table)
		return EXIT_TROUBLE;
	struct why why;
	int status = table_dump(table, stdout, &why);
	if (status != 0)
		log_error("%s: %s", argv[1], why.text);
	table_close(&table);
	return status == 0 ? 0 : EXIT_TROUBLE;
}

int offline_verify(int argc, char **argv)
{
	if (argc != 2) {
		log_error("usage: feedsync verify TABLE");
		return EXIT_TROUBLE;
	}
	struct table *table;
	struct why why;
	int status = table_open(&table, argv[1], &why);
	if (status == 0) {
		status = table_verify(table, &why);
		if (status == 0)
			printf("%s: valid, generation %llu, %llu rules, %llu octets\n", argv[1],
				(unsigned long long)table_header(table)->generation,
				(unsigned long long)table_header(table)->rules, (unsigned long long)table_bytes(table));
		table_close(&table);
	}
	if (status != 0)
		log_error("%s: %s", argv[1], why.text);
	return status == 0 ? 0 : 1;
}
