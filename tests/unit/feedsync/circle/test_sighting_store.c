/* SPDX-License-Identifier: BSD-3-Clause */
/* The agreed identifiers; what is pending stays as it was written; no day is closed twice, and nothing is settled twice. */
#include "tests/unit/unit.h"

#include <errno.h>

#include "feedsync/circle/sighting_store.h"

static const struct organisation organisation = {.uuid = "0c1d6a2e-3c7d-4c4f-8a0e-3b0c2f6f9d10"};
enum { DAY = 20785 /* 2026-11-28 */, MOST = 8 };
static uint64_t withheld[WITHHELD_COUNT];

static struct sighting make_sighting(const char *entry, const char *group, uint64_t day, enum sighting_type type)
{
	struct sighting s = {.day = day,
		.type = type,
		.at = day * 86400 + 86399,
		.name = "login-parcel.example",
		.scope = SCOPE_SUBTREE,
		.feed = "m"};
	snprintf(s.entry, sizeof s.entry, "%s", entry);
	snprintf(s.group, sizeof s.group, "%s", group);
	sighting_identify(&s, &organisation, "misp");
	return s;
}

static void identifiers(void **state)
{
	(void)state;
	static const struct {
		const char *made, *entry;
		enum sighting_type type;
		const char *uuid;
	} cases[] = {
		{"misp", "a3b1f0d2-52a1-4d8e-9d40-1f5c2c7a0001", SIGHTING_HIT, "033e18d5-5a64-53a0-b47c-5f8017d12812"},
		{"misp", "a3b1f0d2-52a1-4d8e-9d40-1f5c2c7a0001", SIGHTING_FALSE_POSITIVE,
			"37e04144-b8e5-548a-bbd6-ad13af94ca2c"},
		{"stix", "indicator--a3b1f0d2-52a1-4d8e-9d40-1f5c2c7a0001", SIGHTING_HIT,
			"1b0b8d27-6a1b-578b-835a-cfb6024c7563"},
		{"stix", "indicator--a3b1f0d2-52a1-4d8e-9d40-1f5c2c7a0001", SIGHTING_FALSE_POSITIVE,
			"9716985b-3c70-5713-81d7-0e46104e7723"},
		{"misp-feed", "", SIGHTING_HIT, "820b1fb0-8480-5c68-9ffe-4e27cb7040cc"}};
	for (unsigned i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct sighting s = make_sighting(cases[i].entry, "e", DAY, cases[i].type);
		sighting_identify(&s, &organisation, cases[i].made);
		assert_string_equal(s.uuid, cases[i].uuid);
	}
}

static struct sighting_store *open_store(void)
{
	struct sighting_store *store;
	struct why why;
	assert_int_equal(sighting_store_open(&store, test_directory, false, &why), -ENOENT);
	assert_int_equal(sighting_store_open(&store, test_directory, true, &why), 0);
	return store;
}

static int close_day(
	struct sighting_store *store, uint64_t day, const struct sighting *list, size_t count, uint64_t *added)
{
	const struct sighting_day closed = {day, (day + 1) * 86400 + 7200, "misp", list, count, withheld};
	struct why why;
	return sighting_store_close_day(store, "p", &closed, added, &why);
}

static struct sighting_counts count_all(struct sighting_store *store)
{
	struct sighting_counts counts;
	struct why why;
	assert_int_equal(sighting_store_counts(store, "p", &counts, &why), 0);
	return counts;
}

static size_t read_batch(struct sighting_store *store, const char *group, int64_t after, struct sighting list[MOST])
{
	struct sighting_batch batch = {.list = list, .most = MOST, .after = after};
	struct why why;
	assert_int_equal(sighting_store_batch(store, "p", group, &batch, &why), 0);
	return batch.count;
}

static void days(void **state)
{
	(void)state;
	struct sighting_store *store = open_store();
	struct why why;
	uint64_t added, last;
	struct sighting list[] = {make_sighting("a", "g", DAY, SIGHTING_HIT),
		make_sighting("b", "g", DAY, SIGHTING_HIT), make_sighting("a", "g", DAY, SIGHTING_HIT),
		make_sighting("a", "g", DAY, SIGHTING_FALSE_POSITIVE)};
	withheld[WITHHELD_FEW] = 3;
	assert_int_equal(sighting_store_last_day(store, "p", &last, &why), 0);
	assert_int_equal(last, 0);
	assert_int_equal(close_day(store, DAY, list, 4, &added), 0);
	assert_int_equal(added, 3); /* one is there twice */
	/* A day that is closed takes nothing more. */
	struct sighting late = make_sighting("c", "g", DAY, SIGHTING_HIT);
	assert_int_not_equal(close_day(store, DAY, &late, 1, &added), 0);
	assert_int_equal(count_all(store).pending, 3);
	/* A false positive is told once, whatever the day. */
	struct sighting again[] = {make_sighting("a", "g", DAY + 1, SIGHTING_FALSE_POSITIVE),
		make_sighting("a", "g", DAY + 1, SIGHTING_HIT)};
	assert_int_equal(close_day(store, DAY + 1, again, 2, &added), 0);
	assert_int_equal(added, 1);
	size_t unknown = 2;
	again[1] = make_sighting("new", "g", DAY + 1, SIGHTING_FALSE_POSITIVE);
	assert_int_equal(sighting_store_drop_known(store, "p", again, &unknown, &why), 0);
	assert_int_equal(unknown, 1);
	assert_string_equal(again[0].entry, "new");
	assert_int_equal(sighting_store_drop_known(store, "other", again, &unknown, &why), 0);
	assert_int_equal(unknown, 1);
	struct sighting_counts counts = count_all(store);
	assert_int_equal(counts.pending, 4);
	assert_int_equal(counts.day, DAY + 1);
	assert_int_equal(counts.found, 1);
	assert_int_equal(counts.withheld[WITHHELD_FEW], 3);
	assert_int_equal(sighting_store_last_day(store, "p", &last, &why), 0);
	assert_int_equal(last, DAY + 1);
	assert_int_equal(sighting_store_last_day(store, "other", &last, &why), 0);
	assert_int_equal(last, 0);
	sighting_store_close(&store);
}

static void settled(void **state)
{
	(void)state;
	struct sighting_store *store = open_store();
	struct sighting list[MOST],
		all[] = {make_sighting("a", "g", DAY, SIGHTING_HIT), make_sighting("b", "g", DAY, SIGHTING_HIT),
			make_sighting("c", "h", DAY, SIGHTING_HIT),
			make_sighting("d", "g", DAY, SIGHTING_FALSE_POSITIVE)};
	struct why why;
	uint64_t added;
	assert_int_equal(close_day(store, DAY, all, 4, &added), 0);
	assert_int_equal(read_batch(store, "g", 0, list), 3);
	assert_string_equal(list[0].uuid, all[0].uuid);
	assert_int_equal(list[1].at, all[1].at);
	assert_int_equal(read_batch(store, "g", list[1].id, list), 1);
	assert_int_equal(read_batch(store, "g", 0, list), 3);
	list[0].state = SIGHTING_SENT;
	list[1].state = SIGHTING_REFUSED;
	list[1].words = "no";
	for (unsigned i = 0; i < 2; i++) /* the second time nothing changes */
		assert_int_equal(sighting_store_settle(store, "p", list, 3, 1800000000, &why), 0);
	struct sighting_counts counts = count_all(store);
	assert_int_equal(counts.pending, 2);
	assert_int_equal(counts.ended[SIGHTING_SENT], 1);
	assert_int_equal(counts.ended[SIGHTING_REFUSED], 1);
	assert_int_equal(read_batch(store, "g", 0, list), 1);
	assert_int_equal(list[0].tries, 2);
	/* What is pending for too long is given up; what is settled is forgotten, but that a mistake was reported. */
	assert_int_equal(sighting_store_forget(store, "p", "misp", DAY + 1, DAY + 1, 1800000000, &why), 0);
	counts = count_all(store);
	assert_int_equal(counts.pending, 0);
	assert_int_equal(counts.ended[SIGHTING_EXPIRED], 2);
	assert_int_equal(counts.ended[SIGHTING_SENT], 1);
	assert_int_equal(counts.day, DAY);
	struct sighting mistake = make_sighting("d", "g", DAY + 1, SIGHTING_FALSE_POSITIVE);
	assert_int_equal(close_day(store, DAY + 1, &mistake, 1, &added), 0);
	assert_int_equal(added, 0);
	sighting_store_close(&store);
}

static int note_group(void *context, const char *group)
{
	strcat(context, group);
	return 0;
}

/* Those that were tried least come first, then the oldest; what is new in a group does not bring it forward. */
static void order(void **state)
{
	(void)state;
	struct sighting_store *store = open_store();
	struct sighting list[MOST], first[] = {make_sighting("a", "y", DAY, SIGHTING_HIT)},
				    second[] = {make_sighting("b", "x", DAY + 1, SIGHTING_HIT)},
				    third[] = {make_sighting("c", "y", DAY + 2, SIGHTING_HIT)};
	struct why why;
	uint64_t added;
	char groups[16] = "";
	assert_int_equal(close_day(store, DAY, first, 1, &added), 0);
	assert_int_equal(close_day(store, DAY + 1, second, 1, &added), 0);
	assert_int_equal(sighting_store_groups(store, "p", note_group, groups, &why), 0);
	assert_string_equal(groups, "yx");
	assert_int_equal(read_batch(store, "y", 0, list), 1);
	assert_int_equal(sighting_store_settle(store, "p", list, 1, 1800000000, &why), 0);
	groups[0] = '\0';
	assert_int_equal(sighting_store_groups(store, "p", note_group, groups, &why), 0);
	assert_string_equal(groups, "xy");
	assert_int_equal(close_day(store, DAY + 2, third, 1, &added), 0);
	groups[0] = '\0';
	assert_int_equal(sighting_store_groups(store, "p", note_group, groups, &why), 0);
	assert_string_equal(groups, "xy");
	sighting_store_close(&store);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(identifiers),
		cmocka_unit_test_setup_teardown(days, with_directory, without_directory),
		cmocka_unit_test_setup_teardown(settled, with_directory, without_directory),
		cmocka_unit_test_setup_teardown(order, with_directory, without_directory)};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
