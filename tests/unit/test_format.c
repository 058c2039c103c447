/* The file format, octet by octet: a table of one rule, "evil.example" and everything below it, by the feed alpha for
 * the category malware. If this test must change, so must WEIR_VERSION. */
#include "unit.h"

#include "bytes.h"
#include "hash.h"

/* clang-format off */
static const uint8_t expected[] = {
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

static void octet_by_octet(void **state)
{
	(void)state;
	const struct rule_spec rule = {"evil.example", SCOPE_SUBTREE, RULE_BLOCK, {0, 0}};
	size_t length;
	uint8_t *bytes = table_bytes_of(&rule, 1, NULL, &length);
	assert_int_equal(length, sizeof expected);
	for (size_t i = 0; i < length; i++)
		if (bytes[i] != expected[i])
			fail_msg("octet %zu is 0x%02x, not 0x%02x", i, bytes[i], expected[i]);
	free(bytes);
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
	memcpy(raw, expected, sizeof raw);
	assert_int_equal(header_decode(&header, raw, &why), 0);
	assert_int_equal(header.generation, 7);
	assert_int_equal(header_file_length(&header), sizeof expected);
	/* Of a newer version nothing is judged but that it is newer. */
	put_u32(raw + 8, WEIR_VERSION + 1);
	assert_int_equal(header_decode(&header, raw, &why), WEIR_EVERSION);
	assert_non_null(strstr(why.text, "version 4"));
	put_u32(raw + 8, WEIR_VERSION);
	raw[130] = 1;
	put_u64(raw + 248, checksum(raw, 248));
	assert_int_equal(header_decode(&header, raw, &why), WEIR_EFORMAT);
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
		cmocka_unit_test(keys),
		cmocka_unit_test(headers),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
