/* SPDX-License-Identifier: BSD-3-Clause */
#include "tests/unit/unit.h"

#include "feedsync/entries/normalise.h"

static const struct {
	const char *text, *name; /* NULL: rejected */
	enum reject reject;
} cases[] = {
	{"Evil.Example.", "evil.example", 0},
	{"  evil.example\t", "evil.example", 0},
	{"_slp._tcp.evil.example", "_slp._tcp.evil.example", 0},
	{"xn--ker-ina.hu", "xn--ker-ina.hu", 0},
	{"b\xc3\xbc"
	 "cher.example",
		"xn--bcher-kva.example", 0},
	{"fa\xc3\x9f.example", "xn--fa-hia.example", 0}, /* UTS46 non-transitional */
	{"EV\xc4\xb0L.example", "xn--evil-swc.example", 0},
	{"a-.example", "a-.example", 0},
	{"1.example", "1.example", 0},
	{"example.1a", "example.1a", 0},
	{"", NULL, REJECT_SINGLE},
	{".", NULL, REJECT_SINGLE},
	{"smartprince111111", NULL, REJECT_SINGLE},
	{"a..b.example", NULL, REJECT_EMPTY_LABEL},
	{".b.example", NULL, REJECT_EMPTY_LABEL},
	{"b.example..", NULL, REJECT_EMPTY_LABEL},
	{"1234567890123456789012345678901234567890123456789012345678901234.example", NULL, REJECT_LONG_LABEL},
	{"1.2.3.44", NULL, REJECT_ADDRESS},
	{"evil.example.123", NULL, REJECT_ADDRESS},
	{"1.2.3.0x4f", NULL, REJECT_ADDRESS},
	{"0x7f000001", NULL, REJECT_ADDRESS},
	{"2130706433", NULL, REJECT_ADDRESS},
	{"evil.example.0x", NULL, REJECT_ADDRESS},
	{"evil.0xg", "evil.0xg", 0},
	{"[2001:db8::1]:443", NULL, REJECT_ADDRESS},
	{"2001:db8::1", NULL, REJECT_ADDRESS},
	{"evil.example:8080", NULL, REJECT_PORT},
	{"http://evil.example/", NULL, REJECT_URL},
	{"evil.example/path", NULL, REJECT_URL},
	{"ads*.evil.example", NULL, REJECT_PATTERN},
	{"evil[.]example", NULL, REJECT_CHARACTER},
	{"mail@evil.example", NULL, REJECT_CHARACTER},
	{"evil example.org", NULL, REJECT_CHARACTER},
	{"a.php?rand=1", NULL, REJECT_CHARACTER},
	{"\xff\xfe.example", NULL, REJECT_IDNA},
	{"a\xe2\x80\x8b.\xc2\xad", NULL, REJECT_IDNA},
};

static void names(void **state)
{
	(void)state;
	for (unsigned i = 0; i < sizeof cases / sizeof *cases; i++) {
		size_t length = strlen(cases[i].text);
		uint8_t *text = edge_copy(cases[i].text, length);
		name_storage wire;
		enum reject reject = REJECT_COUNT;
		int got = normalise((char *)text, length, wire, &reject);
		if (cases[i].name) {
			char back[NAME_MAX_TEXT];
			if (got < 0)
				fail_msg("%s: %s", cases[i].text, reject_text(reject));
			name_to_text(wire, (size_t)got, back);
			assert_string_equal(back, cases[i].name);
		} else if (got >= 0) {
			fail_msg("%s: accepted", cases[i].text);
		} else if (reject != cases[i].reject && cases[i].reject != REJECT_IDNA) {
			fail_msg("%s: %s, not %s", cases[i].text, reject_key(reject), reject_key(cases[i].reject));
		}
		edge_free(text, length);
	}
}

static void limits(void **state)
{
	(void)state;
	char text[400];
	memset(text, 'a', sizeof text);
	for (size_t i = 50; i < sizeof text; i += 51)
		text[i] = '.';
	text[252] = 'b';
	name_storage wire;
	enum reject reject;
	assert_int_equal(normalise(text, 253, wire, &reject), 255);
	assert_int_equal(normalise(text, 254, wire, &reject), -1);
	assert_int_equal(reject, REJECT_LONG_NAME);
	assert_int_equal(normalise("a\0b.example", 11, wire, &reject), -1);
	assert_int_equal(reject, REJECT_NUL);
}

static void keys_and_texts(void **state)
{
	(void)state;
	for (enum reject r = 0; r < REJECT_COUNT; r++) {
		assert_true(reject_text(r) && reject_text(r)[0] && reject_key(r) && reject_key(r)[0]);
		for (enum reject s = 0; s < r; s++)
			assert_string_not_equal(reject_key(r), reject_key(s));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names),
		cmocka_unit_test(limits),
		cmocka_unit_test(keys_and_texts),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
