/* SPDX-License-Identifier: BSD-3-Clause */
#include "feedsync/config/shown_names.h"
#include "tests/unit/unit.h"

static struct feed_config feeds[] = {{.name = "open"}, {.name = "club", .options = {.lenient_tlp = true}},
	{.name = "club-2"}, {.name = "club-3", .options = {.lenient_tlp = true}}};
static struct feed_policy policies[] = {
	{.name = "open"}, {.name = "club"}, {.name = "club-2"}, {.name = "club-3"}, {.name = "operator"}};
static struct partner partners[] = {{.name = "isp", .of = (const bool[]){true, false, true, false}},
	{.name = "source", .of = (const bool[]){false, true, false, false}},
	{.name = "source-2", .of = (const bool[]){true, true, true, true}}};
static const struct config config = {
	.feeds = feeds, .feed_policies = policies, .feed_count = 4, .partners = partners, .partner_count = 3};

static void test_names(void **state)
{
	static const struct {
		const char *name, *shown;
	} cases[] = {{"open", "open"}, {"club", "restricted 1"}, {"club-2", "club-2"}, {"club-3", "restricted 2"},
		{"operator", "operator"}, {"gone", "other"}, {"", "other"}, {"restricted 1", "other"}};
	char text[SHOWN_NAME];
	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
		assert_string_equal(shown_name(&config, cases[i].name, text), cases[i].shown);
}

/* Of the published table: two of the feeds, one that was taken out, and the operator's own. */
static const struct feed_policy published_feeds[] = {
	{.name = "open"}, {.name = "club"}, {.name = "club-old"}, {.name = "operator"}};
static const struct policy published = {.feeds = published_feeds, .feed_count = 4};

static void test_partners(void **state)
{
	static const char *const shown[] = {"isp", "restricted 1", "restricted 2"};
	char text[SHOWN_NAME];
	(void)state;
	for (size_t i = 0; i < config.partner_count; i++)
		assert_string_equal(shown_partner(&config, i, text), shown[i]);
}

static void test_messages(void **state)
{
	static const struct {
		const char *message, *shown;
	} cases[] = {{"", ""}, {"nothing to hide", "nothing to hide"},
		{"feed club: failed", "feed restricted 1: failed"}, {"club", "restricted 1"},
		{"the feeds club, club-2 and club-3.", "the feeds restricted 1, club-2 and restricted 2."},
		{"clubs and nightclub and club.example", "clubs and nightclub and club.example"},
		{"`feedsync sync --accept club`", "`feedsync sync --accept restricted 1`"},
		{"sightings isp, source-2 and source", "sightings isp, restricted 2 and restricted 1"},
		{"feed club-old: taken out; operator and open stay", "feed other: taken out; operator and open stay"},
		{"sources and source-3", "sources and source-3"},
		{"/state/feeds/club/good.stix", "/state/feeds/restricted 1/good.stix"}};
	char text[128], small[8];
	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
		assert_string_equal(
			shown_message(&config, &published, cases[i].message, text, sizeof text), cases[i].shown);
	assert_string_equal(shown_message(&config, NULL, "feed club: failed", small, sizeof small), "feed re");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_names), cmocka_unit_test(test_partners), cmocka_unit_test(test_messages)};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
