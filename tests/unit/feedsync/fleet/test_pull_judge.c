/* SPDX-License-Identifier: BSD-3-Clause */
/* Which manifests may come into force, whose signatures are right all the same: each row is what was taken before, what is
 * offered, and what comes of it. */
#include "tests/unit/unit.h"

#include <errno.h>

#include "feedsync/base/maxima.h"
#include "feedsync/fleet/pull_judge.h"

enum { NOW = 1800000000, WEEK = 7 * ONE_DAY_S };

/* A manifest: who has signed it, its serial, its age, and how long it holds from now on. */
struct offered {
	const char *key;
	uint64_t serial;
	int64_t age, holds;
	const char *channel; /* NULL: stable */
	const char *digest;  /* NULL: one that nothing else has */
};

/* Designated, or the members that are left out would have to be written. */
#define BY(by, number, seconds, left, ...)                                                                             \
	{                                                                                                              \
		.key = (by), .serial = (number), .age = (seconds), .holds = (left), __VA_ARGS__                        \
	}

static void make_offered(struct manifest *m, const struct offered *offered)
{
	*m = (struct manifest){.serial = offered->serial,
		.created = (uint64_t)(NOW - offered->age),
		.expires = (uint64_t)(NOW + offered->holds)};
	snprintf(m->channel, sizeof m->channel, "%s", offered->channel ? offered->channel : "stable");
}

static void take_offered(struct pull_record *r, const struct offered *offered, unsigned number)
{
	struct manifest m;
	make_offered(&m, offered);
	snprintf(r->channel, sizeof r->channel, "%s", m.channel);
	snprintf(r->key, sizeof r->key, "%s", offered->key);
	if (offered->digest)
		snprintf(r->manifest, sizeof r->manifest, "%s", offered->digest);
	else
		snprintf(r->manifest, sizeof r->manifest, "taken %u", number);
	r->serial = m.serial;
	pull_record_raise(r, offered->key, &m);
}

static const struct {
	const char *what;
	struct offered taken[4];
	struct offered offered;
	int64_t server; /* how far the server's clock is ahead of ours; 0 = it says nothing */
	int expected;
	const char *why;
} manifests[] = {
	{"the first", {BY(NULL, 0, 0, 0)}, BY("A", 70, 60, WEEK), 0, PULL_MAY_COME, ""},
	{"the next", {BY("A", 7, 60, WEEK)}, BY("A", 8, 30, WEEK), 0, PULL_MAY_COME, ""},
	{"the same", {BY("A", 7, 60, WEEK, .digest = "x")}, BY("A", 7, 60, WEEK, .digest = "x"), 0, PULL_IN_FORCE, ""},
	{"another of its serial", {BY("A", 7, 60, WEEK)}, BY("A", 7, 30, WEEK), 0, -ESTALE, "another manifest now"},
	{"an old one", {BY("A", 7, 60, WEEK)}, BY("A", 6, 90, WEEK), 0, -ESTALE, "6 is older than 7"},
	{"an old serial, signed now", {BY("A", 7, 60, WEEK)}, BY("A", 6, 0, WEEK), 0, -ESTALE, "6 is older than 7"},
	{"an old one after a restart of the channel's name",
		{BY("A", 7, 60, WEEK), BY("A", 2, 50, WEEK, .channel = "canary")}, BY("A", 6, 0, WEEK), 0, -ESTALE,
		"6 is older than 7"},
	{"another channel's first", {BY("A", 7, 60, WEEK)}, BY("A", 2, 30, WEEK, .channel = "canary"), 0, PULL_MAY_COME,
		""},
	{"a new key", {BY("A", 7, 60, WEEK)}, BY("B", 8, 30, WEEK), 0, PULL_MAY_COME, ""},
	{"a new key begins below", {BY("A", 999999999999, 60, WEEK)}, BY("B", 8, 30, WEEK), 0, PULL_MAY_COME, ""},
	{"the last of the replaced key", {BY("A", 7, 60, WEEK), BY("B", 8, 30, WEEK)}, BY("A", 7, 60, WEEK), 0, -ESTALE,
		"another key has replaced its key"},
	{"one of the replaced key that was missed", {BY("A", 5, 60, WEEK), BY("B", 8, 30, WEEK)}, BY("A", 7, 60, WEEK),
		0, -ESTALE, "7 of key A is older than 8 of key B"},
	{"the stolen key's leap", {BY("A", 7, 60, WEEK), BY("A", 900, 50, WEEK), BY("B", 8, 30, WEEK)},
		BY("A", 900, 50, WEEK), 0, -ESTALE, "taken before"},
	{"the old key again", {BY("A", 7, 60, WEEK), BY("B", 8, 30, WEEK)}, BY("A", 9, 0, WEEK), 0, PULL_MAY_COME, ""},
	{"as many as there is time for", {BY("A", 7, 100, WEEK)}, BY("A", 7 + PULL_SERIAL_LEAP + 100, 0, WEEK), 0,
		PULL_MAY_COME, ""},
	{"one more", {BY("A", 7, 100, WEEK)}, BY("A", 8 + PULL_SERIAL_LEAP + 100, 0, WEEK), 0, -ERANGE,
		"leaps from 7 to 1108"},
	{"to the end", {BY("A", 7, 100, WEEK)}, BY("A", 999999999999, 0, WEEK), 0, -ERANGE, "leaps"},
	{"made before the last one", {BY("A", 7, 100, WEEK)}, BY("A", 8, 200, WEEK), 0, PULL_MAY_COME, ""},
	{"expired", {BY("A", 7, 60, WEEK)}, BY("A", 8, 60, 0), 0, -ETIME, "it expired at"},
	{"expires in a second", {BY("A", 7, 60, WEEK)}, BY("A", 8, 60, 1), 0, PULL_MAY_COME, ""},
	{"in force and expired", {BY("A", 7, 60, -1, .digest = "x")}, BY("A", 7, 60, -1, .digest = "x"), 0, -ETIME,
		"holds back what is newer"},
	{"a clock that goes a little wrong", {BY(NULL, 0, 0, 0)}, BY("A", 8, -MAX_CLOCK_STEP_S, WEEK), 0, PULL_MAY_COME,
		""},
	{"the future", {BY(NULL, 0, 0, 0)}, BY("A", 8, -MAX_CLOCK_STEP_S - 1, WEEK), 0, -EILSEQ, "made in the future"},
	{"the future, and the server agrees", {BY(NULL, 0, 0, 0)}, BY("A", 8, -ONE_DAY_S, WEEK), ONE_DAY_S,
		PULL_MAY_COME, ""},
	{"the future of the server, too", {BY(NULL, 0, 0, 0)}, BY("A", 8, -2 * ONE_DAY_S, WEEK), ONE_DAY_S, -EILSEQ,
		"in the future"},
	{"a server that is behind", {BY(NULL, 0, 0, 0)}, BY("A", 8, 0, WEEK), -ONE_DAY_S, PULL_MAY_COME, ""},
};

static void each_manifest(void **state)
{
	(void)state;
	for (unsigned i = 0; i < sizeof manifests / sizeof *manifests; i++) {
		struct pull_record record = {0};
		struct manifest manifest;
		struct why why = {""};
		print_message("%s\n", manifests[i].what);
		for (unsigned t = 0; t < 4 && manifests[i].taken[t].key; t++)
			take_offered(&record, &manifests[i].taken[t], t);
		make_offered(&manifest, &manifests[i].offered);
		const struct pull_question question = {&record, &manifest, manifests[i].offered.key,
			manifests[i].offered.digest ? manifests[i].offered.digest : "new", NOW,
			manifests[i].server ? (uint64_t)(NOW + manifests[i].server) : 0};
		assert_int_equal(pull_judge(&question, &why), manifests[i].expected);
		assert_non_null(strstr(why.text, manifests[i].why));
	}
}

/* Old floors make room for new ones, and those that are raised are not the old ones. */
static void many_floors(void **state)
{
	(void)state;
	struct pull_record record = {0};
	struct manifest m = {.serial = 1};
	char key[PULL_KEY_TEXT];
	for (unsigned i = 0; i < 2 * PULL_FLOORS; i++) {
		pull_record_raise(&record, "A", &m);
		snprintf(key, sizeof key, "%u", i);
		pull_record_raise(&record, key, &m);
	}
	assert_int_equal(record.floor_count, PULL_FLOORS);
	assert_non_null(pull_record_floor(&record, "A", ""));
	assert_non_null(pull_record_floor(&record, key, ""));
	assert_null(pull_record_floor(&record, "0", ""));
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(each_manifest), cmocka_unit_test(many_floors)};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
