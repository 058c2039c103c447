/* SPDX-License-Identifier: BSD-3-Clause */
/* `feedsync compile`: files into a table. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "feedsync/base/atomic_file.h"
#include "feedsync/base/log.h"
#include "feedsync/base/units.h"
#include "feedsync/base/xalloc.h"
#include "feedsync/commands/commands.h"
#include "feedsync/commands/entries_options.h"
#include "feedsync/compile/compile.h"
#include "feedsync/entries/reserved_names.h"
#include "feedsync/formats/guess_format.h"
#include "libweir/errors.h"

struct compile_arguments {
	const char *output;
	struct config *config; /* of one feed: what all files are */
	char **files;
	int file_count;
};

static int check_files(const struct compile_arguments *a, const struct command *command)
{
	unsigned standard_inputs = 0;
	if (a->file_count > POLICY_MAX_FEEDS)
		return usage_error(command, "more than %d files", POLICY_MAX_FEEDS);
	for (int i = 0; i < a->file_count; i++)
		standard_inputs += strcmp(a->files[i], "-") == 0;
	return standard_inputs > 1 ? usage_error(command, "standard input can be read once only") : 0;
}

/* Judges the arguments, and reads them. If there is nothing wrong with them, the configuration is to be freed. */
static int read_compile_arguments(struct compile_arguments *a, const struct invocation *invocation)
{
	const char *format = option_value(invocation, "-f");
	*a = (struct compile_arguments){.output = option_value(invocation, "-o"),
		.files = invocation->arguments,
		.file_count = invocation->argument_count};
	if (!format || !a->output) {
		usage_error(invocation->command, "%s is missing", format ? "-o TABLE" : "-f FORMAT");
		return EXIT_TROUBLE;
	}
	int status = check_files(a, invocation->command);
	return status == 0 ? entries_read(&a->config, invocation, format) : status;
}

/* Names a feed after its file. Characters that separate columns in output become "_". */
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

/* A feed that could not be read in part, or that has no usable entry, is more likely to be a mistake than a wish. */
static int check_compiled_feeds(const struct compile *compile, struct why *why)
{
	uint64_t entries = 0, rejected = 0;
	for (size_t i = 0; i < compile->feed_count; i++) {
		if (compile->feeds[i].damage.text[0])
			return why_set(
				why, -EBADMSG, "%s: %s", compile->feeds[i].document, compile->feeds[i].damage.text);
		entries += compile->feeds[i].counts.entries;
		rejected += counts_rejected(&compile->feeds[i].counts);
	}
	if (entries == 0 && rejected > 0)
		return why_set(why, -EBADMSG, "not one usable entry (%llu rejected)", (unsigned long long)rejected);
	return 0;
}

static int write_compiled_table(
	struct compile *compile, const char *output, struct build_result *result, struct why *why)
{
	struct atomic_file publish;
	int status = atomic_file_begin(&publish, output, MODE_PUBLIC, why);
	if (status != 0)
		return status;
	status = compile_table(compile, publish.fd, result, why);
	if (status == 0)
		status = check_compiled_feeds(compile, why);
	if (status == 0)
		return atomic_file_commit(&publish, why);
	atomic_file_abort(&publish);
	return status;
}

/* Logs what a file looks like of which most was not understood. */
static void log_advice(const struct compile_feed *feed)
{
	char advice[GUESS_WORDS];
	if (!feed->path || !counts_unread(&feed->counts))
		return;
	guess_advice(feed->path, feed->format, &feed->options, feed->counts.entries, feed->damage.text, advice);
	if (advice[0])
		log_info("%s: %s", feed->document, advice);
}

static int compile_files(const struct compile_arguments *a, struct compile *compile, struct feed_policy *feeds)
{
	static const struct category_policy category = {
		.name = DEFAULT_CATEGORY, .action = ACTION_NXDOMAIN, .ede = 15, .ttl_s = 30};
	const struct feed_config *feed = &a->config->feeds[0];
	struct samples *samples = xcalloc((size_t)a->file_count, sizeof *samples);
	for (int i = 0; i < a->file_count; i++) {
		name_feed(feeds[i].name, a->files[i]);
		feeds[i].check_targets = a->config->feed_policies[0].check_targets;
		bool standard_input = strcmp(a->files[i], "-") == 0;
		compile->feeds[i] = (struct compile_feed){
			.format = feed->format,
			.options = feed->options,
			.path = standard_input ? NULL : a->files[i],
			.document = standard_input ? "stdin" : a->files[i],
			.source = {.feed = (uint16_t)i},
			.samples = &samples[i],
		};
		compile->feeds[i].options.piped = true;
	}
	compile->policy = (struct policy){
		.feeds = feeds, .feed_count = (uint32_t)a->file_count, .categories = &category, .category_count = 1};
	compile->feed_count = (size_t)a->file_count;
	compile->key = BUILD_PUBLIC_KEY;

	struct build_result result = {0};
	struct why why;
	int status = write_compiled_table(compile, a->output, &result, &why);
	for (size_t i = 0; i < compile->feed_count; i++) {
		compile_log_rejects(compile->feeds[i].document, &compile->feeds[i].counts, &samples[i]);
		log_advice(&compile->feeds[i]);
	}
	free(samples);
	if (status == DURABILITY_UNCERTAIN)
		log_warning("%s", why.text);
	else if (status != 0) {
		log_error("%s", why.text);
		return EXIT_TROUBLE;
	}
	char size[UNITS_TEXT];
	log_info("%s: %llu rules from %llu entries, %s", a->output, (unsigned long long)result.rules,
		(unsigned long long)result.added, size_text(result.octets, size));
	return EXIT_WELL;
}

static int check_compile_arguments(const struct invocation *invocation)
{
	struct compile_arguments arguments;
	int status = read_compile_arguments(&arguments, invocation);
	config_free(&arguments.config);
	return status;
}

static int cmd_compile(struct invocation *invocation)
{
	struct compile_arguments arguments;
	int status = read_compile_arguments(&arguments, invocation);
	if (status != 0)
		return status;
	struct compile compile = {.feeds = xcalloc((size_t)arguments.file_count, sizeof *compile.feeds)};
	struct feed_policy *feeds = xcalloc((size_t)arguments.file_count, sizeof *feeds);
	status = compile_files(&arguments, &compile, feeds);
	free(compile.feeds);
	free(feeds);
	config_free(&arguments.config);
	return status;
}

static const char *choices_of_format(const struct command_option *option)
{
	(void)option;
	return format_names();
}

const struct command command_compile = {
	.word = "compile",
	.usage = "-f FORMAT -o TABLE [--OPTION VALUE]... FILE...",
	.summary = "compile files into a table, without configuration and network",
	.text = "Each FILE becomes a feed of its own, named after the file, in the category \"malicious\" with the "
		"action\n"
		"nxdomain. \"-\" is standard input; for misp-feed a FILE is the feed's directory. Only the root and "
		"single\n"
		"labels are refused: no other guard is applied. The same files give the same table everywhere.\n"
		"\n"
		"Each option with two hyphens but --help is that of a feed in the configuration, and means the same: "
		"see\n"
		"feedsync.yaml(5). --where may be given several times; all of its conditions must hold.\n",
	.arguments = "FILE",
	.min_arguments = 1,
	.max_arguments = -1,
	.options = {{"-f", "FORMAT", choices_of_format, "the files' format"},
		{"-o", "TABLE", NULL, "the table to be written; it takes its place as a whole, or not at all"}},
	.more_options = entries_options,
	.exits = {{EXIT_WELL, "the table was written"},
		{EXIT_TROUBLE, "nothing was written; what was there before is still there"}},
	.check = check_compile_arguments,
	.run = cmd_compile,
};
