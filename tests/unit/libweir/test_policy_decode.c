/* SPDX-License-Identifier: BSD-3-Clause */
/* The policy section, octet by octet: what is read, what is refused and why, at each limit. */
#include "tests/unit/unit.h"

#include "libweir/little_endian.h"
#include "libweir/policy.h"

/* clang-format off */
static const uint8_t section[] = {
	/* one feed, category, group, two ranges, a verdict and a class */
	1, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 2, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0,
	/* 24: hits: events, 24 and 56 bits */
	1, 24, 56,
	/* 27: feed: checks targets, name */
	1, 1, 'f',
	/* 30: category: nxdomain, EDE, TTL, name, text, no addresses, no target */
	6, 15, 0, 30, 0, 0, 0, 1, 'c', 1, 't', 0, 0,
	/* 43: group: name, refused */
	1, 'g', 7,
	/* 46: ranges: from 0 on nobody's, from 2000:: on the group's */
	0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
	0x20, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1,
	/* 80: verdict: block, one own source, one effective source */
	2, 1, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
	/* 94: class: as below, verdict 1 */
	0, 0, 0, 0, 1, 0, 0, 0,
};
/* clang-format on */

/* Reads a section; returns the reason for which it is refused, or "". What is taken is written again as it was. */
static const char *decoded(const uint8_t *octets, size_t length)
{
	static struct why why;
	struct policy policy;
	memset(&policy, 0x55, sizeof policy); /* whatever was there before */
	why.text[0] = '\0';
	uint8_t *edge = edge_copy(octets, length);
	int status = policy_decode(&policy, edge, length, &why);
	assert_int_equal(status, why.text[0] ? WEIR_EFORMAT : 0);
	edge_free(edge, length);
	if (status == 0) {
		size_t again_length;
		uint8_t *again = policy_encode(&policy, &again_length);
		assert_int_equal(again_length, length);
		assert_memory_equal(again, octets, length);
		free(again);
		policy_free(&policy);
	}
	assert_null(policy.feeds);
	return why.text;
}

#define COUNTS_WRONG "policy: counts exceed the section"
#define HITS_WRONG "policy: the settings of hits are malformed"
#define RULES_WRONG "policy: the settings of counted rules are malformed"
#define KEY_WRONG "policy: the path of the clients' key is malformed"
#define CONTACT_WRONG "policy: the contact is malformed"
#define FEED_WRONG "policy: feed 0 is malformed"
#define CATEGORY_WRONG "policy: category 0 is malformed"
#define GROUP_WRONG "policy: group 0 is malformed"
#define FIRST_WRONG "policy: client range 0 is malformed"
#define SECOND_WRONG "policy: client range 1 is malformed"
#define VERDICT_WRONG "policy: verdict 1 is malformed"
#define CLASS_WRONG "policy: class 0 is malformed"

static const struct {
	unsigned at, octets; /* where a number of so many octets is changed */
	uint32_t value;
	const char *why;
} limits[] = {
	{0, 4, 1, ""},
	{0, 4, POLICY_MAX_FEEDS, "policy: feed 1 is malformed"},
	{0, 4, POLICY_MAX_FEEDS + 1, COUNTS_WRONG},
	{4, 4, POLICY_MAX_CATEGORIES + 1, COUNTS_WRONG},
	{8, 4, POLICY_MAX_GROUPS + 1, COUNTS_WRONG},
	/* As many as the 78 octets that follow could hold, and one more. */
	{12, 4, 5, COUNTS_WRONG},
	{16, 4, 16, COUNTS_WRONG},
	{20, 4, 10, COUNTS_WRONG},
	{20, 4, UINT32_MAX, COUNTS_WRONG},
	{24, 1, 0, ""},
	{24, 1, 2, CONTACT_WRONG}, /* the feed's octets are none */
	{24, 1, 8, HITS_WRONG},    /* a secret for what is not counted */
	{24, 1, 16, HITS_WRONG},
	{25, 1, 32, ""},
	{25, 1, 33, HITS_WRONG},
	{26, 1, 128, ""},
	{26, 1, 129, HITS_WRONG},
	{27, 1, 0, ""},
	{27, 1, 2, FEED_WRONG},
	{28, 1, 0, FEED_WRONG},
	{28, 1, POLICY_MAX_NAME + 1, FEED_WRONG},
	{29, 1, ',', FEED_WRONG},
	{29, 1, '~', ""},
	{29, 1, 0x7f, FEED_WRONG},
	{30, 1, ACTION_LOG, ""},
	{30, 1, ACTION_ALLOW, ""},
	{30, 1, ACTION_DROP, ""},
	{30, 1, ACTION_SINKHOLE, ""},
	{30, 1, ACTION_REDIRECT, CATEGORY_WRONG},
	{30, 1, ACTION_COUNT, CATEGORY_WRONG},
	{30, 1, 255, CATEGORY_WRONG},
	{31, 2, 0xffff, ""},
	{33, 4, POLICY_MAX_TTL, ""},
	{33, 4, POLICY_MAX_TTL + 1, CATEGORY_WRONG},
	{38, 1, ' ', CATEGORY_WRONG},
	{39, 1, POLICY_MAX_TEXT + 1, CATEGORY_WRONG},
	{40, 1, ' ', ""},
	{40, 1, 0x1f, CATEGORY_WRONG},
	{40, 1, 0x7e, ""},
	{40, 1, 0x7f, CATEGORY_WRONG},
	{40, 1, 0x80, ""},
	{41, 1, 4, CATEGORY_WRONG},
	{44, 1, ',', GROUP_WRONG},
	{45, 1, ACTION_LOG, ""},
	{45, 1, ACTION_DROP, ""},
	{45, 1, ACTION_COUNT, GROUP_WRONG},
	{45, 1, ACTION_REDIRECT, GROUP_WRONG},
	{61, 1, 1, FIRST_WRONG},
	{62, 1, 1, ""},
	{62, 1, 2, FIRST_WRONG},
	{63, 1, 0, SECOND_WRONG},
	{78, 1, 1, ""},
	{79, 1, 2, SECOND_WRONG},
	{80, 1, DECISION_PASS, VERDICT_WRONG},
	{80, 1, DECISION_ALLOW, VERDICT_WRONG},
	{80, 1, 3, VERDICT_WRONG},
	{81, 2, 3, VERDICT_WRONG},
	{81, 2, 0xffff, VERDICT_WRONG},
	{83, 2, 0xffff, VERDICT_WRONG},
	{85, 1, RULE_ALLOW, ""},
	{85, 1, RULE_EXCEPT, ""},
	{85, 1, 3, VERDICT_WRONG},
	{86, 2, 1, VERDICT_WRONG},
	{86, 2, 0x100, VERDICT_WRONG},
	{88, 2, 1, VERDICT_WRONG},
	{90, 2, 1, VERDICT_WRONG},
	{92, 2, 1, VERDICT_WRONG},
	{94, 4, 1, ""},
	{94, 4, 2, CLASS_WRONG},
	{98, 4, 2, CLASS_WRONG},
	{98, 4, 0, CLASS_WRONG},
};

static void each_limit(void **state)
{
	(void)state;
	for (unsigned i = 0; i < sizeof limits / sizeof *limits; i++) {
		uint8_t changed[sizeof section];
		memcpy(changed, section, sizeof section);
		for (unsigned octet = 0; octet < limits[i].octets; octet++)
			changed[limits[i].at + octet] = (uint8_t)(limits[i].value >> 8 * octet);
		const char *why = decoded(changed, sizeof changed);
		if (strcmp(why, limits[i].why) != 0)
			fail_msg("octet %u as %u: \"%s\", not \"%s\"", limits[i].at, limits[i].value, why,
				limits[i].why);
	}
}

static void lengths(void **state)
{
	(void)state;
	uint8_t longer[sizeof section + 1] = {0};
	memcpy(longer, section, sizeof section);
	assert_string_equal(decoded(section, sizeof section), "");
	assert_string_equal(decoded(longer, sizeof longer), "policy: wrong length");
	for (size_t length = 0; length < sizeof section; length++)
		assert_string_not_equal(decoded(section, length), "");
	/* Where the actions of a group are the last that there is. */
	memset(longer + 12, 0, 12);
	assert_string_equal(decoded(longer, 46), "");
	assert_string_equal(decoded(longer, 45), "policy: wrong length");
	/* Where the name of a feed is. */
	memset(longer + 4, 0, 20);
	assert_string_equal(decoded(longer, 30), "");
	assert_string_equal(decoded(longer, 29), FEED_WRONG);
	/* Where verdicts are, of as few octets as they may have. */
	enum { VERDICTS = 2 };
	memset(longer, 0, sizeof longer);
	longer[16] = VERDICTS;
	assert_string_equal(decoded(longer, 27 + 5 * VERDICTS), "");
	assert_string_equal(decoded(longer, 27 + 5 * VERDICTS - 4), COUNTS_WRONG);
}

/* The most that a section may hold of each, in one that is long enough for more. */
static void most_of_each(void **state)
{
	(void)state;
	enum { LONG = 20 << 20 };
	static const struct {
		unsigned at;
		uint32_t most;
	} cases[] = {{4, POLICY_MAX_CATEGORIES}, {8, POLICY_MAX_GROUPS}, {12, POLICY_MAX_RANGES},
		{16, POLICY_MAX_VERDICTS}, {20, POLICY_MAX_VERDICTS}};
	uint8_t *octets = calloc(1, LONG);
	for (unsigned i = 0; i < sizeof cases / sizeof *cases; i++)
		for (uint32_t more = 0; more < 2; more++) {
			struct policy policy;
			struct why why;
			uint32_t count = cases[i].most + more;
			memset(octets, 0, 24);
			put_u32(octets + cases[i].at, count);
			assert_int_equal(policy_decode(&policy, octets, LONG, &why), WEIR_EFORMAT);
			assert_int_equal(strcmp(why.text, "policy: counts exceed the section") == 0, more);
		}
	free(octets);
}

/* Names and a text as long as they may be, and longer by one. */
static void longest_texts(void **state)
{
	(void)state;
	static const struct {
		unsigned at; /* its length, which is 1 */
		uint8_t most;
		const char *why;
	} cases[] = {{28, POLICY_MAX_NAME, FEED_WRONG}, {37, POLICY_MAX_NAME, CATEGORY_WRONG},
		{39, POLICY_MAX_TEXT, CATEGORY_WRONG}, {43, POLICY_MAX_NAME, GROUP_WRONG}};
	for (unsigned i = 0; i < sizeof cases / sizeof *cases; i++)
		for (unsigned more = 0; more <= 1; more++) {
			uint8_t octets[sizeof section + 256];
			const unsigned length = cases[i].most + more, behind = cases[i].at + 2;
			memcpy(octets, section, cases[i].at);
			octets[cases[i].at] = (uint8_t)length;
			memset(octets + cases[i].at + 1, 'x', length);
			memcpy(octets + cases[i].at + 1 + length, section + behind, sizeof section - behind);
			assert_string_equal(decoded(octets, sizeof section - 1 + length), more ? cases[i].why : "");
		}
}

/* A contact, where there is one, is a name with a label at least. */
static void contacts(void **state)
{
	(void)state;
	static const struct {
		uint8_t length, octets[6];
		const char *why;
	} cases[] = {{5, {3, 'd', 'n', 's', 0}, ""}, {5, {3, 'A', '.', 0xff, 0}, ""}, {0, {0}, CONTACT_WRONG},
		{1, {0}, CONTACT_WRONG}, {5, {4, 'd', 'n', 's', 0}, CONTACT_WRONG},
		{4, {3, 'd', 'n', 's'}, CONTACT_WRONG}, {6, {3, 'd', 'n', 's', 0, 0}, CONTACT_WRONG},
		{2, {0xc0, 12}, CONTACT_WRONG}};
	enum { AT = 27 };
	for (unsigned i = 0; i < sizeof cases / sizeof *cases; i++) {
		const unsigned more = 1u + cases[i].length;
		uint8_t octets[sizeof section + 7];
		memcpy(octets, section, AT);
		octets[24] |= 2;
		octets[AT] = cases[i].length;
		memcpy(octets + AT + 1, cases[i].octets, cases[i].length);
		memcpy(octets + AT + more, section + AT, sizeof section - AT);
		const char *why = decoded(octets, sizeof section + more);
		if (strcmp(why, cases[i].why) != 0)
			fail_msg("contact %u: \"%s\", not \"%s\"", i, why, cases[i].why);
	}
	/* One that reaches beyond the section. */
	uint8_t cut[AT + 3];
	memcpy(cut, section, AT);
	cut[24] |= 2;
	memcpy(cut + AT, "\5\3d", 3);
	assert_string_equal(decoded(cut, sizeof cut), COUNTS_WRONG);
	memset(cut, 0, 24);
	assert_string_equal(decoded(cut, sizeof cut), CONTACT_WRONG);
}

/* Where rules are counted, so many bits tell clients apart. */
static void counted_rules(void **state)
{
	(void)state;
	static const struct {
		uint8_t bits[2];
		const char *why;
	} cases[] = {{{32, 64}, ""}, {{0, 0}, ""}, {{24, 56}, ""}, {{33, 64}, RULES_WRONG}, {{32, 65}, RULES_WRONG}};
	enum { AT = 27, MORE = 2 };
	for (unsigned i = 0; i < sizeof cases / sizeof *cases; i++) {
		uint8_t octets[sizeof section + MORE];
		memcpy(octets, section, AT);
		octets[24] |= 4;
		memcpy(octets + AT, cases[i].bits, MORE);
		memcpy(octets + AT + MORE, section + AT, sizeof section - AT);
		const char *why = decoded(octets, sizeof octets);
		if (strcmp(why, cases[i].why) != 0)
			fail_msg("rules %u: \"%s\", not \"%s\"", i, why, cases[i].why);
	}
}

/* The path of a secret is absolute, and may stand in a line of a log. */
static void key_paths(void **state)
{
	(void)state;
	static char longest[POLICY_MAX_KEY_PATH + 2] = "/";
	memset(longest + 1, 'k', POLICY_MAX_KEY_PATH);
	const struct {
		unsigned length;
		const char *path, *why;
	} cases[] = {{6, "/a/key", ""}, {1, "/", ""}, {POLICY_MAX_KEY_PATH, longest, ""},
		{POLICY_MAX_KEY_PATH + 1, longest, KEY_WRONG}, {0, "", KEY_WRONG}, {3, "key", KEY_WRONG},
		{4, "/k y", KEY_WRONG}, {4, "/k\ny", KEY_WRONG}, {4, "/k\x7fy", KEY_WRONG}, {4, "/k\0y", KEY_WRONG},
		{3, "/\xc3\xbc", KEY_WRONG}};
	enum { AT = 27, BITS = 2 };
	for (unsigned i = 0; i < sizeof cases / sizeof *cases; i++) {
		const unsigned more = BITS + 1u + cases[i].length;
		uint8_t octets[sizeof section + BITS + 1 + POLICY_MAX_KEY_PATH + 1];
		memcpy(octets, section, AT);
		octets[24] |= 4 | 8;
		octets[AT] = octets[AT + 1] = 24;
		octets[AT + BITS] = (uint8_t)cases[i].length;
		memcpy(octets + AT + BITS + 1, cases[i].path, cases[i].length);
		memcpy(octets + AT + more, section + AT, sizeof section - AT);
		const char *why = decoded(octets, sizeof section + more);
		if (strcmp(why, cases[i].why) != 0)
			fail_msg("path %u: \"%s\", not \"%s\"", i, why, cases[i].why);
	}
}

/* A target of a redirect must be a name, and the addresses of a sinkhole must be there. */
static void targets_and_addresses(void **state)
{
	(void)state;
	static const struct {
		uint8_t length, octets[5];
		bool good;
	} targets[] = {{5, {1, 'a', 1, 'b', 0}, true}, {5, {1, 'a', 2, 'b', 0}, false}, {1, {0}, true}};
	static const uint8_t addresses[] = {192, 0, 2, 1, 0x20, 1, 0xd, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1};
	for (uint8_t flags = 0; flags < 4; flags++)
		for (unsigned target = 0; target < 3; target++) {
			uint8_t octets[sizeof section + sizeof addresses + sizeof targets[0].octets];
			size_t at = 41;
			memcpy(octets, section, at);
			octets[30] = ACTION_REDIRECT;
			octets[at++] = flags;
			memcpy(octets + at, addresses, flags & 1 ? 4 : 0);
			at += flags & 1 ? 4 : 0;
			memcpy(octets + at, addresses + 4, flags & 2 ? 16 : 0);
			at += flags & 2 ? 16 : 0;
			octets[at++] = targets[target].length;
			memcpy(octets + at, targets[target].octets, targets[target].length);
			at += targets[target].length;
			memcpy(octets + at, section + 43, sizeof section - 43);
			at += sizeof section - 43;
			assert_string_equal(decoded(octets, at), targets[target].good ? "" : CATEGORY_WRONG);
		}
}

/* A verdict with so many sources that they are nearly all there is, up to the last octet of the section. */
static void many_sources(void **state)
{
	(void)state;
	enum { MANY = 1000, BEFORE = 80 };
	uint8_t octets[BEFORE + 5 + 5 * MANY + 4 * MANY] = {0};
	memcpy(octets, section, BEFORE);
	octets[20] = 0; /* no class */
	octets[BEFORE + 1] = octets[BEFORE + 3] = MANY & 0xff;
	octets[BEFORE + 2] = octets[BEFORE + 4] = MANY >> 8;
	octets[BEFORE] = DECISION_BLOCK;
	assert_string_equal(decoded(octets, sizeof octets), "");
	assert_string_equal(decoded(octets, sizeof octets - 1), "policy: verdict 1 is malformed");
	/* Own sources alone, and effective ones alone. */
	octets[BEFORE] = DECISION_ALLOW;
	octets[BEFORE + 3] = octets[BEFORE + 4] = 0;
	assert_string_equal(decoded(octets, BEFORE + 5 + 5 * MANY), "");
	octets[BEFORE] = DECISION_BLOCK;
	octets[BEFORE + 1] = octets[BEFORE + 2] = 0;
	octets[BEFORE + 3] = MANY & 0xff;
	octets[BEFORE + 4] = MANY >> 8;
	assert_string_equal(decoded(octets, BEFORE + 5 + 4 * MANY), "");
}

/* Sections that are nearly all ranges, all verdicts, or all classes: none is taken to be too short for them. */
static void nearly_all(void **state)
{
	(void)state;
	enum { MANY = 1000, RANGES_AT = 46, VERDICT_AT = 80, CLASS_AT = 94 };
	static uint8_t octets[sizeof section + MANY * 17];
	/* Each range begins behind the one before it. */
	memcpy(octets, section, RANGES_AT + 17);
	for (unsigned i = 1; i < MANY; i++) {
		octets[RANGES_AT + 17 * i] = (uint8_t)(i >> 8);
		octets[RANGES_AT + 17 * i + 1] = (uint8_t)i;
	}
	memcpy(octets + RANGES_AT + 17 * MANY, section + VERDICT_AT, sizeof section - VERDICT_AT);
	octets[12] = MANY & 0xff;
	octets[13] = MANY >> 8;
	assert_string_equal(decoded(octets, RANGES_AT + 17 * MANY + sizeof section - VERDICT_AT), "");
	octets[RANGES_AT + 17 * 5 + 1] = 9;
	assert_string_equal(decoded(octets, RANGES_AT + 17 * MANY + sizeof section - VERDICT_AT),
		"policy: client range 6 is malformed");
	/* Verdicts without sources. */
	memset(octets, 0, sizeof octets);
	memcpy(octets, section, CLASS_AT);
	for (unsigned i = 1; i < MANY; i++)
		octets[CLASS_AT + 5 * (i - 1)] = DECISION_ALLOW;
	memcpy(octets + CLASS_AT + 5 * (MANY - 1), section + CLASS_AT, sizeof section - CLASS_AT);
	octets[16] = MANY & 0xff;
	octets[17] = MANY >> 8;
	assert_string_equal(decoded(octets, sizeof section + 5 * (MANY - 1)), "");
	/* Classes. */
	memcpy(octets, section, CLASS_AT);
	for (unsigned i = 0; i < MANY; i++)
		memcpy(octets + CLASS_AT + 8 * i, section + CLASS_AT, 8);
	octets[20] = MANY & 0xff;
	octets[21] = MANY >> 8;
	assert_string_equal(decoded(octets, CLASS_AT + 8 * MANY), "");
}

/* Whether anybody's queries are only counted: by the category itself, or by a group's action. */
static void logs(void **state)
{
	(void)state;
	static const unsigned actions[] = {30, 45};
	for (unsigned i = 0; i <= 2; i++) {
		uint8_t octets[sizeof section];
		struct policy policy;
		struct why why;
		memcpy(octets, section, sizeof octets);
		if (i < 2)
			octets[actions[i]] = ACTION_LOG;
		assert_int_equal(policy_decode(&policy, octets, sizeof octets, &why), 0);
		assert_int_equal(policy.logs, i < 2);
		policy_free(&policy);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(each_limit), cmocka_unit_test(lengths),
		cmocka_unit_test(most_of_each), cmocka_unit_test(longest_texts), cmocka_unit_test(contacts),
		cmocka_unit_test(counted_rules), cmocka_unit_test(key_paths), cmocka_unit_test(targets_and_addresses),
		cmocka_unit_test(many_sources), cmocka_unit_test(nearly_all), cmocka_unit_test(logs)};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
