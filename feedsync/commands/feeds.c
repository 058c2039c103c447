/* SPDX-License-Identifier: BSD-3-Clause */
/* `feedsync feeds`: what each feed is worth. It reads only. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "feedsync/base/json.h"
#include "feedsync/base/log.h"
#include "feedsync/base/number.h"
#include "feedsync/base/wall_clock.h"
#include "feedsync/commands/commands.h"
#include "feedsync/entries/self_test.h"
#include "feedsync/guard/guard.h"
#include "feedsync/sync/last_run.h"
#include "feedsync/trends/feed_worth.h"
#include "libweir/errors.h"

enum { DEFAULT_DAYS = 30, MAX_DAYS = 90, MAX_SHARED_SHOWN = 3 };

/* The self-test is no list of anybody's. */
static bool is_told(const struct feed_worth *feed)
{
	return feed->names > 0 && strcmp(feed->name, SELF_TEST_FEED) != 0;
}

static double percent_of(uint64_t part, uint64_t whole)
{
	return whole > 0 ? 100.0 * (double)part / (double)whole : 0;
}

/* ---- words ---- */

static void print_hit_names(const struct feeds_worth *worth, const struct feed_worth *feed)
{
	printf(", %.2g %% hit in 30 days", percent_of(feed->hit_30, feed->names));
	if (worth->known_days > 30)
		printf(", %" PRIu64 " not in 90 days", feed->names - feed->hit_90);
	printf(", %.2g %% of all hits only by it", percent_of(feed->unique_hits, worth->hits));
	if (feed->suspects > 0)
		printf(", %" PRIu64 " suspects", feed->suspects);
}

/* The feed with which it shares most, of those with which it shares less than with `above`. */
static uint32_t next_shared(const struct feeds_worth *worth, uint32_t feed, uint32_t above)
{
	const uint64_t *shared = worth->feed[feed].shared;
	uint32_t next = worth->count;
	for (uint32_t f = 0; f < worth->count; f++) {
		bool follows =
			above == worth->count || shared[f] < shared[above] || (shared[f] == shared[above] && f > above);
		if (f != feed && shared[f] > 0 && follows && (next == worth->count || shared[f] > shared[next]))
			next = f;
	}
	return next;
}

static void print_shared(const struct feeds_worth *worth, uint32_t feed)
{
	uint32_t other = next_shared(worth, feed, worth->count);
	for (unsigned i = 0; i < MAX_SHARED_SHOWN && other < worth->count; i++) {
		printf("%s %.2g %% with %s", i == 0 ? "; shared:" : ",",
			percent_of(worth->feed[feed].shared[other], worth->feed[feed].names), worth->feed[other].name);
		other = next_shared(worth, feed, other);
	}
}

static void print_feed_worth(const struct feeds_worth *worth, uint32_t number)
{
	const struct feed_worth *feed = &worth->feed[number];
	printf("%s: %" PRIu64 " names, %.2g %% unique", feed->name, feed->names, percent_of(feed->unique, feed->names));
	if (worth->hits_known)
		print_hit_names(worth, feed);
	if (feed->withdrawn > 0)
		printf(", %" PRIu64 " of %" PRIu64 " new names taken back within a week", feed->withdrawn, feed->added);
	if (feed->late > 0)
		printf(", %.2g days later than others (%" PRIu64 " names)", feed->days_late, feed->late);
	print_shared(worth, number);
	putchar('\n');
}

static void print_feeds_worth(const struct feeds_worth *worth)
{
	for (uint32_t f = 0; f < worth->count; f++)
		if (is_told(&worth->feed[f]))
			print_feed_worth(worth, f);
	if (!worth->hits_known)
		printf("What was hit is not known: see `trends` in the configuration.\n");
	else
		printf("Hits are known for %" PRIu64 " days; %s\n", worth->known_days,
			worth->min_clients > 0 ? "what fewer clients asked for than `min-clients` counts as not hit."
					       : "all of them count: not for others.");
}

/* ---- JSON ---- */

static struct node *known_number(const struct feeds_worth *worth, uint64_t number)
{
	return worth->hits_known ? node_from_number(number) : node_from_text(NULL);
}

static struct node *shared_node(const struct feeds_worth *worth, const struct feed_worth *feed)
{
	struct node *list = node_array();
	for (uint32_t f = 0; f < worth->count; f++) {
		const struct feed_worth *other = &worth->feed[f];
		if (other == feed || !is_told(other) || feed->shared[f] == 0)
			continue;
		struct node *node = node_object();
		node_put(node, "feed", node_from_text(other->name));
		node_put(node, "names", node_from_number(feed->shared[f]));
		node_append(list, node);
	}
	return list;
}

static struct node *feed_worth_node(const struct feeds_worth *worth, const struct feed_worth *feed)
{
	struct node *node = node_object();
	node_put(node, "name", node_from_text(feed->name));
	node_put(node, "names", node_from_number(feed->names));
	node_put(node, "unique", node_from_number(feed->unique));
	node_put(node, "hit_30", known_number(worth, feed->hit_30));
	node_put(node, "hit_90", known_number(worth, feed->hit_90));
	node_put(node, "hits", known_number(worth, two_digits((double)feed->hits)));
	node_put(node, "unique_hits", known_number(worth, two_digits((double)feed->unique_hits)));
	node_put(node, "suspects", node_from_number(feed->suspects));
	node_put(node, "added", node_from_number(feed->added));
	node_put(node, "withdrawn", node_from_number(feed->withdrawn));
	node_put(node, "late", node_from_number(feed->late));
	node_put(node, "days_late", feed->late > 0 ? node_from_real(feed->days_late) : node_from_text(NULL));
	node_put(node, "shared", shared_node(worth, feed));
	return node;
}

static void show_feeds_worth(const struct feeds_worth *worth)
{
	struct node *root = json_answer(), *feeds = node_array();
	char first[PERIOD_TEXT], last[PERIOD_TEXT];
	for (uint32_t f = 0; f < worth->count; f++)
		if (is_told(&worth->feed[f]))
			node_append(feeds, feed_worth_node(worth, &worth->feed[f]));
	node_put(root, "first",
		node_from_text(period_text((struct period){worth->period.first, worth->period.first}, first)));
	node_put(root, "last",
		node_from_text(period_text((struct period){worth->period.last, worth->period.last}, last)));
	node_put(root, "min_clients", node_from_number(worth->min_clients));
	node_put(root, "hits", known_number(worth, two_digits((double)worth->hits)));
	node_put(root, "known_days", node_from_number(worth->known_days));
	node_put(root, "history", node_from_bool(worth->history_known));
	node_put(root, "feeds", feeds);
	json_show(root);
	node_free(root);
}

/* ---- the command ---- */

static int read_days(const struct invocation *invocation, unsigned *days)
{
	const char *text = option_value(invocation, "--days");
	uint64_t number = text ? number_positive(text) : DEFAULT_DAYS;
	if (number == 0 || number > MAX_DAYS)
		return usage_error(
			invocation->command, "\"%.40s\" is not a number of days from 1 to %d", text, MAX_DAYS);
	*days = (unsigned)number;
	return 0;
}

static int check_feeds_arguments(const struct invocation *invocation)
{
	unsigned days;
	if (option_given(invocation, "--all") && (option_given(invocation, "--json") || !isatty(STDOUT_FILENO)))
		return usage_error(invocation->command,
			"--all counts what few clients asked for: in words and on a terminal only");
	return read_days(invocation, &days);
}

static int cmd_feeds(struct invocation *invocation)
{
	const struct config *config = invocation->config;
	struct feeds_worth *worth;
	struct guard *guard = NULL;
	struct why why;
	unsigned days = DEFAULT_DAYS;
	struct trends_question q = {.state = config->state,
		.table = config->table,
		.min_clients = option_given(invocation, "--all") ? 0 : config->trends.min_clients};
	if (read_days(invocation, &days) != 0)
		return EXIT_TROUBLE;
	last_run_begin_clock(config);
	if (guard_new(&guard, &config->guard, GUARD_ASKS, &why) != 0)
		log_warning("%s", why.text);
	q.guard = guard;
	int status = feeds_worth_new(&worth, &q, shown_last_day(wall_now()), days, &why);
	guard_free(&guard);
	if (status != 0) {
		log_error("%s", why.text);
		return EXIT_TROUBLE;
	}
	if (worth->history_trouble.text[0])
		log_error("what feeds added and took back is not known: %s", worth->history_trouble.text);
	if (option_given(invocation, "--json"))
		show_feeds_worth(worth);
	else
		print_feeds_worth(worth);
	feeds_worth_free(&worth);
	return EXIT_WELL;
}

const struct command command_feeds = {
	.word = "feeds",
	.usage = "[--json] [--days N] [--all]",
	.summary = "tell what each feed is worth: unique names, hits, mistakes",
	.text = "A line for each feed of the published table: how many names it has, how many of these no other feed "
		"covers, how\n"
		"many were hit, which share of all hits only it brought, what it took back soon or listed later than "
		"others, and with\n"
		"which feeds it shares most.\n",
	.configuration = CONFIGURATION_IN_USE,
	.as_owner = true,
	.options = {{"--json", NULL, NULL, "print JSON, with all that two feeds share"},
		{"--days", "N", NULL, "of the last N days that are over (default 30)"},
		{"--all", NULL, NULL, "count all hits, whoever asked; on a terminal only"}},
	.exits = {{EXIT_WELL, "it was printed"}, {EXIT_TROUBLE, "nothing is published, or something cannot be read"}},
	.check = check_feeds_arguments,
	.run = cmd_feeds,
};
