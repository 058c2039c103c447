/* SPDX-License-Identifier: BSD-3-Clause */
/* The policy zone: its octets, what our own parser reads of it, and which names it cannot hold. */
#include "tests/unit/feedsync/circle/releases.h"

static const struct item_spec life[] = {
	{.name = "login-parcel.example", .scope = SCOPE_SUBTREE},
	{.name = "host.example", .scope = SCOPE_EXACT, .category = "c2"},
	{.name = "both.example", .scope = SCOPE_EXACT, .category = "c2"},
	{.name = "both.example", .scope = SCOPE_SUBTREE, .category = "c2"},
	{.name = "both.example", .scope = SCOPE_SUBTREE, .category = "phishing"},
	{.name = "gone.example", .scope = SCOPE_EXACT, .state = ITEM_WITHDRAWN},
	{.name = "over.example", .scope = SCOPE_EXACT, .state = ITEM_EXPIRED},
};

static void octets(void **state)
{
	(void)state;
	struct test_release t;
	release_of(&t, "rpz", life, sizeof life / sizeof *life);
	render_here(&t);
	expect_file("rpz.isp.example.zone", "$ORIGIN rpz.isp.example.\n"
					    "$TTL 60\n"
					    "@ SOA localhost. abuse.isp.example. 42 60 60 604800 60\n"
					    "@ NS localhost.\n"
					    "both.example CNAME .\n"
					    "*.both.example CNAME .\n"
					    "host.example CNAME .\n"
					    "login-parcel.example CNAME .\n"
					    "*.login-parcel.example CNAME .\n");
	expect_read_back(&t, "exact both.example\nbelow both.example\nexact host.example\nexact login-parcel.example\n"
			     "below login-parcel.example\n");
}

/* A text of so many octets on the wire together with the zone's name. */
static void name_of_length(char text[256], unsigned length, const struct output *output)
{
	unsigned left = length - output->zone_length + 1 - 2;
	for (unsigned i = 0; i < left; i++)
		text[i] = i % 50 == 49 && i + 1 < left ? '.' : 'a';
	text[left] = '\0';
}

/* The longest owner name that loads has 255 octets; the wildcard's is two longer than the name's. */
static void limits(void **state)
{
	(void)state;
	static const struct {
		unsigned length;
		enum scope scope;
		bool fits;
	} cases[] = {
		{255, SCOPE_EXACT, true},
		{256, SCOPE_EXACT, false},
		{253, SCOPE_SUBTREE, true},
		{254, SCOPE_SUBTREE, false},
		{255, SCOPE_SUBTREE, false},
	};
	for (unsigned i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct test_release t;
		char text[256];
		release_of(&t, "rpz", life, 1);
		name_of_length(text, cases[i].length, &t.output);
		const struct item_spec spec = {.name = text, .scope = cases[i].scope};
		release_of(&t, "rpz", &spec, 1);
		assert_int_equal(t.items[0].length + t.output.zone_length - 1, cases[i].length);
		const char *why = rendering_find("rpz")->unfit(&t.output, &t.items[0]);
		if (!why != cases[i].fits)
			fail_msg("%u octets, scope %d: %s", cases[i].length, cases[i].scope, why ? why : "it fits");
	}
}

/* What a policy zone would take for an address, or for a name server. */
static void triggers(void **state)
{
	(void)state;
	static const struct {
		const char *name;
		bool fits;
	} cases[] = {{"24.0.2.0.192.rpz-ip", false}, {"x.rpz-nsdname", false}, {"rpz-ip.example", true},
		{"x.rpz", true}, {"x.RPZ-client-ip", false}};
	for (unsigned i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct test_release t;
		const struct item_spec spec = {.name = cases[i].name, .scope = SCOPE_EXACT};
		release_of(&t, "rpz", &spec, 1);
		assert_int_equal(!rendering_find("rpz")->unfit(&t.output, &t.items[0]), cases[i].fits);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(octets, with_directory, without_directory),
		cmocka_unit_test(limits),
		cmocka_unit_test(triggers),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
