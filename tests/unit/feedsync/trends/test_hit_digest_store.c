/* SPDX-License-Identifier: BSD-3-Clause */
/* Digests of hits from the stores of hosts to the compiler's: what is in them, and that each counts once. */
#include "tests/unit/unit.h"

#include <errno.h>
#include <math.h>
#include <sys/stat.h>
#include <unistd.h>

#include "feedsync/base/maxima.h"
#include "feedsync/config/configuration.h"
#include "feedsync/trends/client_estimate.h"
#include "feedsync/trends/hit_digest_outbox.h"
#include "feedsync/trends/hit_digest_store.h"
#include "libweir/hash.h"

enum { DAY = 20000, HOUR = DAY * 24 + 15, K = 10 };

static struct trends *open_trends(const char *name)
{
	struct trends *t;
	struct why why;
	mkdir(in_directory(name), 0700);
	if (trends_open(&t, in_directory(name), true, &why) != 0 || hit_digest_prepare(t, &why) != 0)
		fail_msg("%s", why.text);
	return t;
}

/* So many clients, the first of them of this number, hit a rule so often in an hour. */
static void hit_rule(struct trends *t, const char *name, uint64_t hour, uint64_t hits, unsigned first, unsigned clients)
{
	struct why why;
	struct trends_rule_hits rule = {.hour = hour,
		.name = name,
		.scope = SCOPE_SUBTREE,
		.category = "phishing",
		.action = ACTION_NXDOMAIN,
		.group = "default",
		.hits = hits,
		.key = 1};
	const struct trends_traffic traffic = {
		.hour = hour, .blocked = hits, .queries_known = true, .queries = 10 * hits};
	for (unsigned c = 0; c < clients; c++) {
		uint64_t client = (first + c) * UINT64_C(1000003);
		client_set_add(&rule.clients, checksum(&client, sizeof client));
	}
	trends_begin(t);
	trends_add_rule(t, &rule);
	trends_add_feed(t, hour, "list", "phishing", ACTION_NXDOMAIN, hits);
	trends_add_group(t, hour, "default", ACTION_NXDOMAIN, hits);
	trends_add_traffic(t, &traffic);
	if (trends_commit(t, &why) != 0)
		fail_msg("%s", why.text);
}

/* Makes a digest and notes it. The text is to be freed. */
static char *make_digest(struct trends *t, const char *resolver, uint64_t hour, size_t *length)
{
	char *text;
	struct why why;
	if (hit_digest_make(&text, length, t, resolver, hour, K, &why) != 0)
		fail_msg("%s", why.text);
	const struct hit_document document = {resolver, hour, text, *length};
	if (hit_digest_note_made(t, &document, &why) != 0)
		fail_msg("%s", why.text);
	return text;
}

static void take_digest(
	struct trends *to, const char *resolver, uint64_t hour, const char *text, size_t length, int expected)
{
	struct why why = {""};
	const struct hit_document document = {resolver, hour, text, length};
	int status = hit_digest_take(to, &document, &why);
	if (status != expected)
		fail_msg("%s: %d, %s", resolver, status, why.text);
}

/* Carries an hour from one store to another. */
static void carry(struct trends *from, struct trends *to, const char *resolver, uint64_t hour)
{
	size_t length;
	char *text = make_digest(from, resolver, hour, &length);
	take_digest(to, resolver, hour, text, length, 0);
	take_digest(to, resolver, hour, text, length, -EEXIST);
	free(text);
}

struct summed {
	struct trends_rule rule;
	char name[64];
	unsigned rules;
	uint64_t feed_hits, group_hits;
	struct trends_traffic traffic;
};

static void sum_rule(void *context, const struct trends_rule *rule)
{
	struct summed *s = context;
	if (s->rules++ > 0) /* those with the most hits come first */
		return;
	s->rule = *rule;
	snprintf(s->name, sizeof s->name, "%s", rule->name);
}

static void sum_feed(void *context, const struct trends_feed_hits *feed)
{
	((struct summed *)context)->feed_hits += feed->hits;
}

static void sum_group(void *context, const struct trends_group_hits *group)
{
	((struct summed *)context)->group_hits += group->hits;
}

static void sum_traffic(void *context, const struct trends_traffic *traffic)
{
	struct summed *s = context;
	s->traffic.blocked += traffic->blocked;
	s->traffic.unattributed += traffic->unattributed;
	s->traffic.queries += traffic->queries;
}

static struct summed sum_up(struct trends *t)
{
	struct summed s = {.rules = 0};
	struct why why;
	assert_int_equal(trends_rules(t, DAY, DAY, 0, sum_rule, &s, &why), 0);
	assert_int_equal(trends_feeds(t, DAY * 24, DAY * 24 + 23, sum_feed, &s, &why), 0);
	assert_int_equal(trends_groups(t, DAY * 24, DAY * 24 + 23, sum_group, &s, &why), 0);
	assert_int_equal(trends_traffics(t, DAY * 24, DAY * 24 + 23, sum_traffic, &s, &why), 0);
	return s;
}

/* Two hosts, two hours. A rule that few hit is not named, and its hits are there all the same. */
static void carried(void **state)
{
	(void)state;
	struct trends *one = open_trends("one"), *two = open_trends("two"), *compiler = open_trends("compiler");
	hit_rule(one, "many.example", HOUR, 100, 0, 30);
	hit_rule(one, "few.example", HOUR, 7, 0, 3);
	carry(one, compiler, "one", HOUR);
	struct summed s = sum_up(compiler);
	assert_int_equal(s.rules, 1);
	assert_string_equal(s.name, "many.example");
	assert_int_equal(s.rule.hits, 100);
	assert_int_equal(s.rule.hours[15], 100);
	const double first = s.rule.low;
	assert_true(first > 20 && first < 42 && fabs(s.rule.high - first) < 0.001);
	assert_int_equal(s.feed_hits, 107);
	assert_int_equal(s.group_hits, 107);
	assert_int_equal(s.traffic.blocked, 107);
	assert_int_equal(s.traffic.unattributed, 7);
	assert_int_equal(s.traffic.queries, 1070);
	/* Another host: nobody knows whether its clients are the same. */
	hit_rule(two, "many.example", HOUR, 50, 0, 60);
	carry(two, compiler, "two", HOUR);
	s = sum_up(compiler);
	assert_int_equal(s.rule.hits, 150);
	const double second = s.rule.low;
	assert_true(second > first && fabs(s.rule.high - first - second) < 0.001);
	/* The next hour of the first one: some of its clients again, and more of them. */
	hit_rule(one, "many.example", HOUR + 1, 20, 10, 40);
	carry(one, compiler, "one", HOUR + 1);
	s = sum_up(compiler);
	assert_int_equal(s.rule.hits, 170);
	assert_int_equal(s.rule.hours[16], 20);
	struct summed own = sum_up(one);
	assert_int_equal(own.rules, 2);
	assert_true(fabs(s.rule.low - fmax(second, own.rule.low)) < 0.001);
	assert_true(fabs(s.rule.high - second - own.rule.low) < 0.001);
	/* And more of them once more. */
	hit_rule(one, "many.example", HOUR + 2, 5, 40, 40);
	carry(one, compiler, "one", HOUR + 2);
	s = sum_up(compiler);
	assert_true(fabs(s.rule.high - second - sum_up(one).rule.low) < 0.001);
	/* The next one has nothing new. */
	carry(one, compiler, "one", HOUR + 3);
	assert_int_equal(sum_up(compiler).rule.hits, 175);
	uint64_t wanted;
	struct why why;
	assert_int_equal(hit_digest_wanted(compiler, "one", &wanted, &why), 0);
	assert_int_equal(wanted, HOUR + 4);
	assert_int_equal(hit_digest_wanted(compiler, "three", &wanted, &why), 0);
	assert_int_equal(wanted, 0);
	trends_close(&one);
	trends_close(&two);
	trends_close(&compiler);
}

/* One that is refused counts for nothing, and is refused once: what comes under its name later is not looked at. */
static void refused(void **state)
{
	(void)state;
	struct trends *one = open_trends("one"), *compiler = open_trends("compiler");
	size_t length;
	hit_rule(one, "many.example", HOUR, 100, 0, 30);
	char *text = make_digest(one, "one", HOUR, &length);
	take_digest(compiler, "two", HOUR, text, length, -EBADMSG);
	take_digest(compiler, "one", HOUR + 1, text, length, -EBADMSG);
	take_digest(compiler, "one", HOUR, text, length - 1, -EBADMSG);
	take_digest(compiler, "one", HOUR, text, length, -EEXIST);
	assert_int_equal(hit_digest_refuse(compiler, "one", HOUR + 7), 0);
	uint64_t wanted;
	struct why why;
	assert_int_equal(hit_digest_wanted(compiler, "one", &wanted, &why), 0);
	assert_int_equal(wanted, HOUR + 8);
	const struct summed s = sum_up(compiler);
	assert_int_equal(s.rules + s.feed_hits + s.group_hits + s.traffic.blocked, 0);
	free(text);
	trends_close(&one);
	trends_close(&compiler);
}

static size_t count_outbox(struct config *config, uint64_t *oldest)
{
	size_t count = 0;
	char path[4096];
	for (uint64_t hour = HOUR - 300; hour < HOUR + 300; hour++) {
		if (access(hit_digest_path(config->state, hour, path), F_OK) != 0)
			continue;
		*oldest = count++ == 0 ? hour : *oldest;
	}
	return count;
}

/* Each hour that is over has one; what was not made for long is left out; what waits for long goes. */
static void outbox(void **state)
{
	(void)state;
	char directory[4096], path[4096], made[4112];
	snprintf(directory, sizeof directory, "%s", in_directory("one"));
	struct trends *one = open_trends("one");
	struct config config = {.state = directory, .trends = {.digest_name = "one", .min_clients = K}};
	struct why why;
	uint64_t oldest = 0, hour;
	hit_rule(one, "many.example", HOUR, 100, 0, 30);
	assert_false(hit_digest_oldest(directory, &hour));
	assert_int_equal(hit_digests_make_due(one, &config, HOUR, &why), 0);
	assert_int_equal(count_outbox(&config, &oldest), 0);
	assert_int_equal(hit_digests_make_due(one, &config, HOUR + 2, &why), 0);
	assert_int_equal(count_outbox(&config, &oldest), 2);
	assert_int_equal(oldest, HOUR);
	assert_true(hit_digest_oldest(directory, &hour));
	assert_int_equal(hour, HOUR);
	/* What a crash has left before it was shown. */
	hit_digest_path(directory, HOUR + 1, path);
	snprintf(made, sizeof made, "%s.made", path);
	assert_int_equal(rename(path, made), 0);
	assert_int_equal(hit_digests_make_due(one, &config, HOUR + 2, &why), 0);
	assert_int_equal(count_outbox(&config, &oldest), 2);
	/* A host that was off. */
	assert_int_equal(hit_digests_make_due(one, &config, HOUR + 100, &why), 0);
	assert_int_equal(count_outbox(&config, &oldest), 2 + HIT_DIGEST_MISSED);
	/* A server that is away for long. */
	for (uint64_t h = HOUR + 101; h < HOUR + 280; h++)
		assert_int_equal(hit_digests_make_due(one, &config, h, &why), 0);
	assert_int_equal(count_outbox(&config, &oldest), HIT_DIGEST_HOURS);
	assert_int_equal(oldest, HOUR + 279 - HIT_DIGEST_HOURS);
	/* A clock that was ahead. */
	assert_int_equal(hit_digests_make_due(one, &config, HOUR + 200, &why), 0);
	assert_int_equal(hit_digests_make_due(one, &config, HOUR + 201, &why), 0);
	assert_int_equal(count_outbox(&config, &oldest), HIT_DIGEST_HOURS);
	trends_close(&one);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test_setup_teardown(carried, with_directory, without_directory),
		cmocka_unit_test_setup_teardown(refused, with_directory, without_directory),
		cmocka_unit_test_setup_teardown(outbox, with_directory, without_directory)};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
