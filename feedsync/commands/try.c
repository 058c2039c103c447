/* SPDX-License-Identifier: BSD-3-Clause */
/* `feedsync try`: what a list is, and what would become of it, before anything is configured. The list is fetched once, its
 * format is guessed (guess.h), and it is read as a sync would read it, beside the guard. Nothing is kept. */
#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "feedsync/base/clean.h"
#include "feedsync/base/log.h"
#include "feedsync/base/text.h"
#include "feedsync/base/units.h"
#include "feedsync/base/url.h"
#include "feedsync/base/xalloc.h"
#include "feedsync/commands/commands.h"
#include "feedsync/compile/compile.h"
#include "feedsync/config/option_values.h"
#include "feedsync/formats/guess_format.h"
#include "feedsync/net/fetch_all.h"
#include "libweir/errors.h"

enum { SHOWN_NAMES = 5 };

/* What is tried. */
struct
try {
	const struct config *config; /* of this machine; NULL: there is none */
	char shown_list[PATH_MAX];   /* for messages */
	char url[URL_MAX + 1];       /* for the configuration */
	char path[PATH_MAX];
	struct guess guess;
	struct guard *guard;
	struct sink sink;
	struct parse_report report;
	uint64_t names, exceptions;
	char shown[SHOWN_NAMES][NAME_MAX_TEXT];
	name_storage last; /* name that was taken */
	size_t last_length;
};

/* ---- the download ---- */

/* Its directory, and the file in it; "" = there is none. A signal that ends the program may come at any time. */
static char download_directory[64], download_list[sizeof download_directory + sizeof "/list"];

static void remove_download(void)
{
	unlink(download_list);
	rmdir(download_directory);
}

static void end_by_signal(int number)
{
	remove_download();
	raise(number); /* which ends the program now */
}

static void catch_ends(void)
{
	static const int numbers[] = {SIGINT, SIGTERM, SIGHUP, SIGPIPE, SIGQUIT};
	const struct sigaction end = {.sa_handler = end_by_signal, .sa_flags = SA_RESETHAND};
	struct sigaction before;
	for (unsigned i = 0; i < sizeof numbers / sizeof *numbers; i++)
		if (sigaction(numbers[i], NULL, &before) == 0 && before.sa_handler != SIG_IGN)
			sigaction(numbers[i], &end, NULL);
}

/* Makes the directory. Until then its name is one that nothing has. */
static int make_download_directory(struct why *why)
{
	const char *temporary = getenv("TMPDIR");
	snprintf(download_directory, sizeof download_directory, "%s/feedsync-try-XXXXXX",
		temporary && strlen(temporary) < sizeof download_directory - 24 ? temporary : "/tmp");
	catch_ends();
	if (!mkdtemp(download_directory))
		return why_set(why, -errno, "%.100s: %s", download_directory, error_text(-errno));
	snprintf(download_list, sizeof download_list, "%s/list", download_directory);
	return 0;
}

/* ---- the list ---- */

/* Downloads the list into a directory of its own. */
static int fetch_list(struct try *t, struct why *why)
{
	int status = make_download_directory(why);
	if (status != 0)
		return status;
	struct trust trust = {.url = t->url};
	struct fetch *fetch = xcalloc(1, sizeof *fetch);
	snprintf(t->path, sizeof t->path, "%s", download_list);
	snprintf(fetch->url, sizeof fetch->url, "%s", t->url);
	snprintf(fetch->path, sizeof fetch->path, "%s", t->path);
	fetch->trust = &trust;
	fetch_init();
	if (t->config)
		trust.private_networks = t->config->private_networks;
	fetch_resolve_by(t->config && t->config->resolves ? &t->config->resolver : NULL);
	fetch_all(fetch, 1, fetch_deadline());
	status = fetch->status == FETCH_OK ? 0 : why_set(why, -EPROTO, "%s", fetch->error);
	free(fetch);
	return status;
}

/* Makes the list a file: `argument` is a URL, or a file. */
static int find_list(struct try *t, const char *argument, struct why *why)
{
	char real[PATH_MAX];
	if (strstr(argument, "://")) {
		const char *fault = url_fault(argument);
		if (fault)
			return why_set(why, -EINVAL, "%s", fault);
		snprintf(t->url, sizeof t->url, "%s", argument);
		url_public(argument, t->shown_list);
		return fetch_list(t, why);
	}
	snprintf(t->shown_list, sizeof t->shown_list, "%s", argument);
	int status = realpath(argument, real) ? url_of_file(real, t->url) : -errno;
	if (status != 0)
		return why_set(why, status, "%s", error_text(status));
	snprintf(t->path, sizeof t->path, "%s", real);
	return 0;
}

/* ---- what it holds ---- */

static int take_tried_rule(void *context, const struct rule *rule)
{
	struct try *t = context;
	if (guard_rejects(t->guard, NULL, &t->sink, rule))
		return SINK_REJECTED;
	if (rule->kind != RULE_BLOCK) {
		t->exceptions++;
		return 0;
	}
	/* Zones have a rule for a name, and one for what is below it. */
	if (rule->length == t->last_length && memcmp(rule->wire, t->last, rule->length) == 0)
		return 0;
	t->last_length = rule->length;
	memcpy(t->last, rule->wire, rule->length);
	if (t->names < SHOWN_NAMES)
		name_to_text(rule->wire, rule->length, t->shown[t->names]);
	t->names++;
	return 0;
}

/* Reads the whole list as it was guessed to be. */
static int read_tried_list(struct try *t, struct why *why)
{
	static const struct guard_config no_lists;
	struct compile_feed feed = {.format = t->guess.format,
		.options = guess_options(&t->guess),
		.path = t->path,
		.document = "list",
		.samples = &t->report.samples};
	char host[URL_MAX + 1];
	int status = guard_new(&t->guard, t->config ? &t->config->guard : &no_lists, GUARD_ASKS, why);
	if (status == 0 && url_host(t->url, strlen(t->url), host) != URL_NONE)
		status = guard_add_host(t->guard, host);
	t->sink = (struct sink){.take = take_tried_rule, .context = t};
	if (status == 0)
		status = compile_parse(&feed, &t->sink, why);
	t->report.counts = feed.counts;
	return status;
}

/* ---- what is told ---- */

static void print_count(const char *what, uint64_t count)
{
	printf("%-9s %" PRIu64 "\n", what, count);
}

/* Prints what was rejected, or what the guard has stopped, by its reasons, with examples. */
static void print_tried_rejected(const struct try *t, bool guarded)
{
	const struct parse_counts *counts = &t->report.counts;
	const struct samples *samples = &t->report.samples;
	uint64_t sum = 0;
	for (enum reject r = guarded ? REJECT_OWN : 0; r < (guarded ? REJECT_COUNT : REJECT_OWN); r++)
		sum += counts->rejected[r];
	print_count(guarded ? "guarded" : "rejected", sum);
	for (enum reject r = guarded ? REJECT_OWN : 0; r < (guarded ? REJECT_COUNT : REJECT_OWN); r++) {
		if (counts->rejected[r] > 0)
			printf("  %" PRIu64 " %s\n", counts->rejected[r], reject_text(r));
		for (unsigned i = 0; i < samples->count; i++)
			if (samples->sample[i].reject == r)
				printf("    %s\n", samples->sample[i].text);
	}
}

static void print_found(const struct try *t)
{
	print_count("names", t->names);
	for (unsigned i = 0; i < t->names && i < SHOWN_NAMES; i++)
		printf("    %s\n", t->shown[i]);
	if (t->exceptions > 0)
		print_count("freed", t->exceptions);
	print_tried_rejected(t, false);
	print_tried_rejected(t, true);
	if (t->guess.note[0])
		printf("note      %s\n", t->guess.note);
}

/* Writes a name for the feed: that of the host, or of the file. */
static void name_tried_feed(const struct try *t, char name[POLICY_MAX_NAME + 1])
{
	char host[URL_MAX + 1] = "";
	bool web = strncmp(t->url, "file:", 5) != 0 && url_host(t->url, strlen(t->url), host) != URL_NONE;
	const char *base = web ? host : strrchr(t->path, '/') + 1;
	snprintf(name, POLICY_MAX_NAME + 1, "%.*s", (int)strcspn(base, web ? "" : "."), base);
	if (feed_name_fault(name))
		snprintf(name, POLICY_MAX_NAME + 1, "new");
}

static void print_tried_feed(const struct try *t)
{
	char name[POLICY_MAX_NAME + 1], url[2 * URL_MAX + 3], value[GUESS_VALUE];
	const char *key;
	name_tried_feed(t, name);
	text_quote(t->url, url, sizeof url);
	printf("\nfeeds:\n  - name: %s\n    url: %s\n", name, url);
	for (unsigned i = 0; guess_setting(&t->guess, i, &key, value); i++)
		printf("    %s: %s\n", key, value);
	printf("\nNext: put this into the configuration; `feedsync check` and `feedsync sync --dry-run` tell the "
	       "rest.\n");
}

/* Tells what the list is. Returns the exit code. */
static int tell_list(struct try *t)
{
	struct why why;
	struct stat st;
	char size[UNITS_TEXT], words[GUESS_WORDS];
	int status = stat(t->path, &st) == 0 ? 0 : why_set(&why, -errno, "%s", error_text(-errno));
	if (status == 0)
		status = guess_format(t->path, &t->guess, &why);
	if (status == 0 && !t->guess.format) {
		printf("%s: %s: %s\n", t->shown_list, size_text((uint64_t)st.st_size, size),
			t->guess.note[0] ? t->guess.note
					 : "no format is known by which most of it would be a list of names");
		return EXIT_ATTENTION;
	}
	if (status == 0)
		status = read_tried_list(t, &why);
	if (status != 0) {
		log_error("%s: %s", t->shown_list, why.text);
		return EXIT_TROUBLE;
	}
	printf("%s: %s, looks like `%s`\n\n", t->shown_list, size_text((uint64_t)st.st_size, size),
		guess_words(&t->guess, words));
	print_found(t);
	print_tried_feed(t);
	return t->names + t->exceptions > 0 ? EXIT_WELL : EXIT_ATTENTION;
}

/* The configuration tells what is guarded, and how hosts are found. Without one the guard has its built-in names. So it has
 * for a user who may not read it: whoever looks at a list need not be root. */
static int load_configuration(struct config **config, const char *path)
{
	*config = NULL;
	if (access(path, R_OK) == 0)
		return config_load(config, path);
	if (errno == EACCES)
		log_info("%s: this user may not read it: nothing but what is built in is guarded; next: `sudo "
			 "feedsync try` for what your own guard would stop",
			path);
	else
		log_info("%s is not there: nothing but what is built in is guarded", path);
	return 0;
}

static int cmd_try(struct invocation *invocation)
{
	struct try *t = xcalloc(1, sizeof *t);
	struct config *config;
	struct why why;
	int code = EXIT_TROUBLE;
	if (load_configuration(&config, invocation->config_path) == 0) {
		t->config = config;
		if (find_list(t, invocation->arguments[0], &why) == 0)
			code = tell_list(t);
		else
			log_error("%s: %s", t->shown_list[0] ? t->shown_list : "try", why.text);
	}
	remove_download();
	guard_free(&t->guard);
	config_free(&config);
	free(t);
	return code;
}

const struct command command_try = {
	.word = "try",
	.usage = "URL-or-FILE",
	.summary = "tell what a list is, and what would be taken of it, before it is configured",
	.text = "The list is fetched once, and its format and options are guessed from its content. Then it is told "
		"how "
		"many\n"
		"names would be blocked, what would be rejected, and what the guard would stop, with examples; and "
		"what to "
		"put\n"
		"into the configuration. Nothing is kept or published. A list of which less than half makes sense in "
		"any "
		"format\n"
		"is not guessed at.\n",
	.arguments = "FILE",
	.min_arguments = 1,
	.max_arguments = 1,
	.configuration = CONFIGURATION_PATH,
	.exits = {{EXIT_WELL, "it is a list that can be used"},
		{EXIT_ATTENTION, "nothing of it could be used, or its format is not known"},
		{EXIT_TROUBLE, "it could not be fetched or read"}},
	.run = cmd_try,
};
