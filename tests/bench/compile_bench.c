/* SPDX-License-Identifier: BSD-3-Clause */
/* compile-bench [--parse] [--guard DIRECTORY]... FORMAT PATH [FIELD]: what it costs to make a table of a feed, as one
 * JSON object.
 *
 * The feed at PATH is compiled as `feedsync sync` does it, each name with everything below it; with --parse it is only
 * parsed. With --guard, each entry is held against the public suffix list, the names that the protocols need, and the
 * MISP warninglists in DIRECTORY. `seconds` are the processor's, of the compiling alone; `peak_octets` is the most
 * memory that the process had resident, guards included. */
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "feedsync/compile/compile.h"

enum { MOST_GUARDS = 16 };

static double seconds(void)
{
	struct timespec now;
	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
	return (double)now.tv_sec + (double)now.tv_nsec * 1e-9;
}

/* The most memory that was resident, in octets; 0 where the system does not tell. */
static unsigned long long peak(void)
{
	unsigned long long kilobytes = 0;
	char line[256];
	FILE *in = fopen("/proc/self/status", "re");
	while (in && fgets(line, sizeof line, in))
		if (strncmp(line, "VmHWM:", 6) == 0)
			kilobytes = strtoull(line + 6, NULL, 10);
	if (in)
		fclose(in);
	return kilobytes * 1024;
}

static void need(int status, const struct why *why)
{
	if (status == 0)
		return;
	fprintf(stderr, "%s\n", why->text);
	exit(2);
}

/* Compiles into a file that goes away by itself. */
static struct build_result make_table(struct compile_feed *feed, const struct guard *guard)
{
	static const struct category_policy category = {
		.name = "malicious", .action = ACTION_NXDOMAIN, .ede = 15, .ttl_s = 30};
	static const struct feed_policy policy = {.name = "feed", .check_targets = true};
	struct compile compile = {.feeds = feed, .feed_count = 1, .guard = guard, .key = BUILD_PUBLIC_KEY};
	compile.policy =
		(struct policy){.feeds = &policy, .feed_count = 1, .categories = &category, .category_count = 1};
	struct build_result result = {0};
	struct why why = {.text = "no temporary file"};
	FILE *out = tmpfile();
	need(out ? compile_table(&compile, fileno(out), &result, &why) : -1, &why);
	fclose(out);
	return result;
}

static void measure(struct compile_feed *feed, const struct guard *guard, bool parse)
{
	struct build_result result = {0};
	struct why why;
	double begin = seconds();
	if (parse)
		need(compile_check(feed, guard, &why), &why);
	else
		result = make_table(feed, guard);
	double took = seconds() - begin;
	printf("{\"format\": \"%s\", \"entries\": %llu, \"refused\": %llu, \"seconds\": %.3f, \"entries_per_s\": %.0f, "
	       "\"rules\": %llu, \"table_octets\": %llu, \"peak_octets\": %llu}\n",
		feed->format->name, (unsigned long long)feed->counts.entries,
		(unsigned long long)counts_rejected(&feed->counts), took, (double)feed->counts.entries / took,
		(unsigned long long)result.rules, (unsigned long long)result.octets, peak());
}

int main(int argc, char **argv)
{
	static const struct option options[] = {
		{"parse", no_argument, NULL, 'p'}, {"guard", required_argument, NULL, 'g'}, {0}};
	const char *warninglists[MOST_GUARDS];
	struct guard_config guards = {.warninglists = warninglists};
	struct guard *guard = NULL;
	struct why why;
	bool parse = false, understood = true;
	for (int option; (option = getopt_long(argc, argv, "", options, NULL)) != -1;) {
		if (option == 'p')
			parse = true;
		else if (option == 'g' && guards.warninglist_count < MOST_GUARDS)
			warninglists[guards.warninglist_count++] = optarg;
		else
			understood = false;
	}
	int left = argc - optind;
	const struct format *format = understood && left >= 2 && left <= 3 ? format_find(argv[optind]) : NULL;
	if (!format || format->has_fields != (left == 3)) {
		fputs("usage: compile-bench [--parse] [--guard DIRECTORY]... FORMAT PATH [FIELD]\n", stderr);
		return 2;
	}
	if (guards.warninglist_count > 0)
		need(guard_new(&guard, &guards, GUARD_ASKS, &why), &why);
	struct compile_feed feed = {.format = format, .path = argv[optind + 1], .document = argv[optind + 1]};
	feed.options = (struct parse_options){
		.scope = SCOPE_SUBTREE, .below = format->below, .field = left == 3 ? argv[optind + 2] : NULL};
	measure(&feed, guard, parse);
	guard_free(&guard);
	return 0;
}
