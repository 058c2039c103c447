/* SPDX-License-Identifier: BSD-3-Clause */
/* The file format, octet by octet: a table of one rule, "evil.example" (in version 4 "example", and with a contact) and
 * everything below it, by the feed alpha for the category malware. If the newest of these must change, so must WEIR_VERSION: then it stays, and another one comes
 * beside it. */
#include "tests/unit/unit.h"

#include "libweir/little_endian.h"
#include "libweir/hash.h"

/* clang-format off */
static const uint8_t version_3[] = {
	/* header: magic, version, 4 zero octets */
	'W', 'E', 'I', 'R', '\r', '\n', 0x1a, '\n', 3, 0, 0, 0, 0, 0, 0, 0,
	/* 16: generation 7; 24: created 1700000000 */
	7, 0, 0, 0, 0, 0, 0, 0, 0x00, 0xf1, 0x53, 0x65, 0, 0, 0, 0,
	/* 32: key "RIEWRIEW"; 40: one rule */
	'R', 'I', 'E', 'W', 'R', 'I', 'E', 'W', 1, 0, 0, 0, 0, 0, 0, 0,
	/* 48: no mark; 56: one home; 60: one line */
	0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0,
	/* 64: policy of 130 octets; 72: symbols of 62, so that 256 + 130 + 62 is a multiple of 64 */
	130, 0, 0, 0, 0, 0, 0, 0, 62, 0, 0, 0, 0, 0, 0, 0,
	/* 80: names of 20 octets; 88: checksum of the policy */
	20, 0, 0, 0, 0, 0, 0, 0, 0x3c, 0xfc, 0xcb, 0xe9, 0x0e, 0xd4, 0xc7, 0x02,
	/* 96: of the symbols; 104: of the index */
	0x5e, 0x3c, 0x91, 0x24, 0x8d, 0xd0, 0xa2, 0x5c, 0xc2, 0xa7, 0x02, 0x2f, 0x8d, 0xe7, 0xd0, 0x40,
	/* 112: of the filter; 120: of the names; then zeros up to 248 */
	0x56, 0xd0, 0xd2, 0xa1, 0x59, 0x02, 0x73, 0xd7, 0x34, 0xbc, 0xa3, 0x7a, 0x0e, 0xfb, 0xe3, 0x4b,
	0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
	0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
	0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
	0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
	/* 248: checksum of the header */
	0, 0, 0, 0, 0, 0, 0, 0, 0x71, 0x22, 0xbd, 0x72, 0xba, 0x09, 0xca, 0x23,
	/* policy: 3 feeds, 3 categories, no group, no client range, 1 verdict, 1 class */
	3, 0, 0, 0, 3, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0,
	/* hits: no events, no addresses */
	0, 0, 0,
	/* feeds: checks targets?, name */
	1, 5, 'a', 'l', 'p', 'h', 'a', 1, 4, 'b', 'e', 't', 'a', 0, 5, 'g', 'a', 'm', 'm', 'a',
	/* categories: action, EDE, TTL, name, text, no addresses, no redirect target */
	6, 15, 0, 30, 0, 0, 0, 7, 'm', 'a', 'l', 'w', 'a', 'r', 'e', 0, 0, 0,
	7, 16, 0, 60, 0, 0, 0, 8, 'p', 'h', 'i', 's', 'h', 'i', 'n', 'g', 8, 'b', 'y', ' ', 'o', 'r', 'd', 'e', 'r',
	0, 0, 1, 0, 0, 0, 0, 0, 0, 5, 't', 'r', 'i', 'a', 'l', 0, 0, 0,
	/* verdict 1: block, one own and one effective source: block rule, alpha, malware; alpha, malware */
	2, 1, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
	/* class 0: at the name as below, below verdict 1 */
	0, 0, 0, 0, 1, 0, 0, 0,
	/* symbols: two, of one octet each, and 57 zeros */
	2, 1, 1, 'e', 'l', 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
	0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
	/* index: 20 octets of names, reach 0, the tag of a rule without anything listed below: 0x8000 | 0x1816 */
	20, 0, 0, 0, 0, 0, 0x16, 0x98, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
	0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
	/* filter: of three words the first, in it the bits 31, 37, 42 and 51 */
	0, 0, 0, 0x80, 0x20, 0x04, 0x08, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
	/* names: class 0, 19 octets of code: e, v, i, l, ., e, x, a, m, p, l, e, all but e and l escaped */
	19, 0, 255, 'v', 255, 'i', 1, 255, '.', 0, 255, 'x', 255, 'a', 255, 'm', 255, 'p', 1, 0,
};
/* clang-format on */

/* clang-format off */
static const uint8_t version_4[] = {
	/* header: as before, but for the version, the flags (single labels), the lengths of policy, symbols and names, and the checksums */
	0x57, 0x45, 0x49, 0x52, 0x0d, 0x0a, 0x1a, 0x0a, 4, 0, 0, 0, 1, 0, 0, 0, 7, 0, 0, 0, 0, 0, 0, 0, 0, 0xf1,
	0x53, 0x65, 0, 0, 0, 0, 0x52, 0x49, 0x45, 0x57, 0x52, 0x49, 0x45, 0x57, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
	0, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 0x90, 0, 0, 0, 0, 0, 0, 0, 0x30, 0, 0, 0, 0, 0, 0, 0, 0x0d, 0, 0, 0, 0,
	0, 0, 0, 0x1a, 0x3c, 0x47, 0xab, 0x5c, 0x39, 0xb8, 0x99, 0x1a, 0x97, 0x2c, 0xd9, 0x80, 0xd7, 0xf1, 0xd6,
	0x68, 0x58, 0x3f, 0x55, 4, 0x96, 0x57, 0xf9, 0x17, 0x7b, 0xbf, 0x18, 0xce, 0xed, 0x78, 0xbd, 0x43, 0x94,
	0xd0, 0x11, 0xe2, 0x97, 0x13, 5, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
	0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
	0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
	0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xa7, 0xf9, 0x42, 0x93, 0x42, 0x6d,
	0xd5, 0xe8,
	/* policy: as before, but for the flags of hits (a contact follows) */
	3, 0, 0, 0, 3, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 2, 0, 0,
	/* contact: 13 octets, dns.example */
	0x0d, 3, 0x64, 0x6e, 0x73, 7, 0x65, 0x78, 0x61, 0x6d, 0x70, 0x6c, 0x65, 0,
	/* the rest as before */
	1, 5, 0x61, 0x6c, 0x70, 0x68, 0x61, 1, 4, 0x62, 0x65, 0x74, 0x61, 0, 5, 0x67, 0x61, 0x6d, 0x6d, 0x61, 6,
	0x0f, 0, 0x1e, 0, 0, 0, 7, 0x6d, 0x61, 0x6c, 0x77, 0x61, 0x72, 0x65, 0, 0, 0, 7, 0x10, 0, 0x3c, 0, 0, 0, 8,
	0x70, 0x68, 0x69, 0x73, 0x68, 0x69, 0x6e, 0x67, 8, 0x62, 0x79, 0x20, 0x6f, 0x72, 0x64, 0x65, 0x72, 0, 0, 1,
	0, 0, 0, 0, 0, 0, 5, 0x74, 0x72, 0x69, 0x61, 0x6c, 0, 0, 0, 2, 1, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
	0, 0, 1, 0, 0, 0,
	/* symbols: one, of one octet */
	1, 1, 0x65, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
	0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
	/* index: 13 octets of names, one tag */
	0x0d, 0, 0, 0, 0, 0, 0x11, 0xaa, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
	0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
	/* filter */
	0, 0, 0, 0, 0, 0, 0, 0, 2, 0, 0, 8, 0, 0, 2, 8, 0, 0, 0, 0, 0, 0, 0, 0,
	/* names: class 0, 12 octets of code */
	0x0c, 0, 0xff, 0x78, 0xff, 0x61, 0xff, 0x6d, 0xff, 0x70, 0xff, 0x6c, 0,
};
/* clang-format on */

/* An example of each version that is read, the newest last. */
static const struct {
	uint32_t version;
	const char *name; /* of the rule */
	const uint8_t *octets;
	size_t length;
} versions[] = {{3, "evil.example", version_3, sizeof version_3}, {4, "example", version_4, sizeof version_4}};
enum { VERSIONS = sizeof versions / sizeof *versions };
_Static_assert(VERSIONS == WEIR_VERSION - WEIR_VERSION_OLDEST + 1, "an example for each version that is read");
_Static_assert(WEIR_VERSION == 3 || VERSIONS >= 2, "the version before is read as well");

static const uint8_t contact[] = "\3dns\7example";

/* A table with this rule, and with the contact or without. */
static uint8_t *table_made(const char *name, bool has_contact, size_t *length)
{
	struct policy policy = test_policy;
	const struct rule_spec rule = {name, SCOPE_SUBTREE, RULE_BLOCK, {0, 0}};
	policy.contact = has_contact ? contact : NULL;
	policy.contact_length = has_contact ? sizeof contact : 0;
	return table_octets_of_policy(&policy, &rule, 1, length);
}

static void octet_by_octet(void **state)
{
	(void)state;
	for (unsigned v = 0; v < VERSIONS; v++) {
		const uint8_t *expected = versions[v].octets;
		size_t length;
		uint8_t *octets = table_made(versions[v].name, versions[v].version > 3, &length);
		assert_int_equal(length, versions[v].length);
		for (size_t i = 0; i < length; i++)
			if (octets[i] != expected[i])
				fail_msg("version %u: octet %zu is 0x%02x, not 0x%02x", versions[v].version, i,
					octets[i], expected[i]);
		free(octets);
	}
}

/* The version is the oldest that has what the table needs, and a version has no more than it has. */
static void oldest_version(void **state)
{
	(void)state;
	static const struct {
		const char *name;
		bool has_contact;
		uint32_t version, flags;
	} cases[] = {{"evil.example", false, 3, 0}, {"evil.example", true, 4, 0},
		{"example", false, 4, WEIR_HAS_SINGLE}, {"example", true, 4, WEIR_HAS_SINGLE}};
	for (unsigned i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct table *table;
		struct why why;
		size_t length;
		uint8_t *octets = table_made(cases[i].name, cases[i].has_contact, &length);
		assert_int_equal(table_open_octets(&table, octets, length, &why), 0);
		assert_int_equal(table_header(table)->version, cases[i].version);
		assert_int_equal(table_header(table)->flags, cases[i].flags);
		assert_int_equal(table_policy(table)->contact_length, cases[i].has_contact ? sizeof contact : 0);
		table_close(&table);
		put_u32(octets + 8, 3);
		reseal(octets, length);
		int status = table_open_octets(&table, octets, length, &why);
		assert_int_equal(status, cases[i].version == 3 ? 0 : WEIR_EFORMAT);
		if (status != 0)
			assert_string_equal(
				why.text, cases[i].flags ? "header: flags 0x1" : "policy: more than version 3 has");
		table_close(&table);
		free(octets);
	}
}

/* Each version that is read says what it said, and is still the file that it was. */
static void each_version_is_read(void **state)
{
	(void)state;
	static const struct {
		const char *name;
		bool listed[VERSIONS];
	} cases[] = {{"evil.example", {true, true}}, {"www.evil.example", {true, true}}, {"example", {false, true}},
		{"devil.example", {false, true}}, {"test", {false, false}}, {"evil.test", {false, false}}};
	for (unsigned v = 0; v < VERSIONS; v++) {
		struct table *table;
		struct why why;
		if (table_open_octets(&table, versions[v].octets, versions[v].length, &why) != 0)
			fail_msg("version %u: %s", versions[v].version, why.text);
		assert_int_equal(table_header(table)->version, versions[v].version);
		for (unsigned i = 0; i < sizeof cases / sizeof *cases; i++) {
			name_storage wire;
			struct match match;
			if (table_lookup(table, wire, wire_of(cases[i].name, wire), &match) != cases[i].listed[v])
				fail_msg("version %u: %s", versions[v].version, cases[i].name);
		}
		uint8_t image[sizeof version_3 * 2];
		assert_int_equal(table_octets(table), versions[v].length);
		table_image(table, 0, image, versions[v].length);
		assert_memory_equal(image, versions[v].octets, versions[v].length);
		table_close(&table);
	}
}

/* The hash is part of the format: keys of some names, whatever version of the library is compiled in. */
static void keys(void **state)
{
	(void)state;
	static const struct {
		const char *name;
		uint64_t key;
	} cases[] = {
		{"evil.example", UINT64_C(0x432bc6657eacd816)},
		{"a.b", UINT64_C(0x4c835283a0d26629)},
		{"www.a-rather-long-name-that-takes-more-than-one-block-of-the-hash.example",
			UINT64_C(0x6897cc1a34c77108)},
	};
	for (unsigned i = 0; i < sizeof cases / sizeof *cases; i++) {
		name_storage wire;
		uint64_t key = name_key(wire, wire_of(cases[i].name, wire), BUILD_PUBLIC_KEY);
		if (key != cases[i].key)
			fail_msg("%s: 0x%016llx", cases[i].name, (unsigned long long)key);
	}
}

static void headers(void **state)
{
	(void)state;
	struct weir_header header;
	struct why why;
	uint8_t raw[WEIR_HEADER];
	memcpy(raw, versions[VERSIONS - 1].octets, sizeof raw);
	assert_int_equal(header_decode(&header, raw, &why), 0);
	assert_int_equal(header.generation, 7);
	assert_int_equal(header_file_length(&header), versions[VERSIONS - 1].length);
	/* Of a version that is not read nothing is judged but that. */
	static const uint32_t others[] = {WEIR_VERSION + 1, WEIR_VERSION_OLDEST - 1, 0, UINT32_MAX};
	for (unsigned i = 0; i < sizeof others / sizeof *others; i++) {
		char text[32];
		put_u32(raw + 8, others[i]);
		assert_int_equal(header_decode(&header, raw, &why), WEIR_EVERSION);
		snprintf(text, sizeof text, "version %u,", others[i]);
		assert_non_null(strstr(why.text, text));
	}
	/* What is not used is zero. */
	put_u32(raw + 8, WEIR_VERSION);
	for (unsigned i = 12; i < 248; i = i == 15 ? 128 : i + 1) {
		raw[i] = 2;
		put_u64(raw + 248, checksum(raw, 248));
		assert_int_equal(header_decode(&header, raw, &why), WEIR_EFORMAT);
		raw[i] = 0;
	}
	/* The largest file, and an octet more. */
	uint64_t others_length = header_file_length(&header) - header.names_length;
	header.names_length = WEIR_MAX_FILE - others_length;
	assert_int_equal(header_file_length(&header), WEIR_MAX_FILE);
	header.names_length++;
	assert_int_equal(header_file_length(&header), 0);
	header.names_length = UINT64_MAX;
	assert_int_equal(header_file_length(&header), 0);
	header.names_length = 0;
	header.policy_length = UINT64_MAX - 100;
	assert_int_equal(header_file_length(&header), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(octet_by_octet),
		cmocka_unit_test(oldest_version),
		cmocka_unit_test(each_version_is_read),
		cmocka_unit_test(keys),
		cmocka_unit_test(headers),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
