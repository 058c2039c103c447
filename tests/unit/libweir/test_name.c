/* SPDX-License-Identifier: BSD-3-Clause */
#include "tests/unit/unit.h"

#include "libweir/name.h"

static void text_to_wire(void **state)
{
	(void)state;
	static const struct {
		const char *text, *wire;
		int length; /* or the error */
	} cases[] = {
		{".", "", 1},
		{"a", "\1a", 3},
		{"a.", "\1a", 3},
		{"WWW.Example", "\3www\7example", 13},
		{"www.example.", "\3www\7example", 13},
		{"a\\.b.c", "\3a.b\1c", 7},
		{"\\065bc", "\3abc", 5},
		{"a\\255.b", "\2a\xff\1b", 6},
		{"a\\\\b", "\3a\\b", 5},
		{"_x-y.z", "\4_x-y\1z", 8},
		{"", NULL, WEIR_ENAME_EMPTY},
		{"..", NULL, WEIR_ENAME_LABEL},
		{".a", NULL, WEIR_ENAME_LABEL},
		{"a..b", NULL, WEIR_ENAME_LABEL},
		{"a..", NULL, WEIR_ENAME_LABEL},
		{"a\\", NULL, WEIR_ENAME_ESCAPE},
		{"a\\25", NULL, WEIR_ENAME_ESCAPE},
		{"a\\256", NULL, WEIR_ENAME_ESCAPE},
		{"a\\2x5", NULL, WEIR_ENAME_ESCAPE},
		{"a\\25x", NULL, WEIR_ENAME_ESCAPE},
		{"a\\2x5b", NULL, WEIR_ENAME_ESCAPE},
		/* What stands beside the digits, where it could be counted as one. */
		{"a\\0:0", NULL, WEIR_ENAME_ESCAPE},
		{"a\\00:", NULL, WEIR_ENAME_ESCAPE},
		{"a\\1/5", NULL, WEIR_ENAME_ESCAPE},
		{"a\\025", "\2a\x19", 4},
	};
	for (unsigned i = 0; i < sizeof cases / sizeof *cases; i++) {
		size_t length = strlen(cases[i].text);
		uint8_t *text = edge_copy(cases[i].text, length);
		name_storage wire;
		int got = name_from_text((char *)text, length, wire);
		if (got != cases[i].length)
			fail_msg("\"%s\": %d, not %d", cases[i].text, got, cases[i].length);
		if (got > 0)
			assert_memory_equal(wire, cases[i].wire, got);
		edge_free(text, length);
	}
}

/* A name of `labels` labels of `octets` octets each. */
static size_t repeated(char *text, unsigned labels, unsigned octets)
{
	size_t at = 0;
	for (unsigned i = 0; i < labels; i++) {
		memset(text + at, 'a' + i % 26, octets);
		at += octets;
		text[at++] = '.';
	}
	return at;
}

static void limits_of_length(void **state)
{
	(void)state;
	char text[1024];
	name_storage wire;
	for (unsigned octets = 1; octets <= 70; octets++) {
		for (unsigned labels = 1; labels * (octets + 1) < 600; labels++) {
			size_t length = repeated(text, labels, octets);
			unsigned need = labels * (octets + 1) + 1;
			int expected = octets > 63 ? WEIR_ENAME_LONG_LABEL : need > 255 ? WEIR_ENAME_LONG : (int)need;
			/* With and without the trailing dot. */
			for (size_t l = length - 1; l <= length; l++) {
				uint8_t *copy = edge_copy(text, l);
				int got = name_from_text((char *)copy, l, wire);
				if (got != expected && !(expected < 0 && got < 0))
					fail_msg("%u labels of %u octets: %d, not %d", labels, octets, got, expected);
				edge_free(copy, l);
			}
		}
	}
}

static void round_trip(void **state)
{
	(void)state;
	uint64_t seed = 1;
	for (unsigned i = 0; i < 20000; i++) {
		uint8_t wire[NAME_MAX_WIRE];
		size_t length = 0;
		for (unsigned left = random_below(&seed, 8); left > 0; left--) {
			unsigned octets = 1 + random_below(&seed, 63);
			if (length + octets + 2 > sizeof wire)
				break;
			wire[length++] = (uint8_t)octets;
			while (octets-- > 0) {
				uint8_t octet = (uint8_t)random_next(&seed);
				wire[length++] = octet >= 'A' && octet <= 'Z' ? octet | 0x20 : octet;
			}
		}
		wire[length++] = 0;
		char text[NAME_MAX_TEXT];
		size_t text_length = name_to_text(wire, length, text);
		assert_int_equal(strlen(text), text_length);
		name_storage again;
		int again_length = name_from_text(text, text_length, again);
		assert_int_equal(again_length, length);
		assert_memory_equal(again, wire, length);
	}
}

static void splitting(void **state)
{
	(void)state;
	static const struct {
		const char *wire;
		size_t length;
		int labels; /* -1: no name */
	} cases[] = {
		{"", 1, 0}, {"\1a", 3, 1}, {"\3www\7example\3com", 17, 3}, {"", 0, -1}, {"\1a", 2, -1}, /* no root */
		{"\1a\0x", 4, -1}, /* octets behind the root */
		{"\5a", 3, -1},    /* label past the end */
		{"\x40"
		 "aaaa",
			6, -1},      /* neither label nor pointer */
		{"\xc0\x0c", 2, -1}, /* a compression pointer */
	};
	for (unsigned i = 0; i < sizeof cases / sizeof *cases; i++) {
		uint8_t *wire = edge_copy(cases[i].wire, cases[i].length);
		struct name_labels labels;
		int status = name_split(wire, cases[i].length, &labels);
		if ((status == 0 ? labels.count : -1) != cases[i].labels)
			fail_msg("case %u", i);
		edge_free(wire, cases[i].length);
	}
	/* The longest there are: 127 labels of one octet, and 255 octets. */
	char text[600];
	name_storage wire;
	struct name_labels labels;
	size_t length = repeated(text, 127, 1);
	assert_int_equal(name_from_text(text, length, wire), 255);
	uint8_t *edge = edge_copy(wire, 255);
	assert_int_equal(name_split(edge, 255, &labels), 0);
	assert_int_equal(labels.count, 127);
	assert_int_equal(labels.offset[127], 254);
	for (size_t cut = 0; cut < 255; cut++)
		assert_int_equal(name_split(edge, cut, &labels), WEIR_EFORMAT);
	edge_free(edge, 255);
}

static void plain_text(void **state)
{
	(void)state;
	static const char *const texts[] = {"a", "a.b", "www.example.com", "_x.a-b.c"};
	for (unsigned i = 0; i < 4; i++) {
		name_storage one, two;
		struct name_labels labels, split;
		size_t length = name_from_plain((const uint8_t *)texts[i], strlen(texts[i]), one, &labels);
		assert_int_equal(length, wire_of(texts[i], two));
		assert_memory_equal(one, two, length);
		assert_int_equal(name_split(one, length, &split), 0);
		assert_int_equal(split.count, labels.count);
		assert_memory_equal(split.offset, labels.offset, labels.count + 1u);
	}
}

/* What a rule's name may be, and what only nearly is. */
static void plain_or_not(void **state)
{
	(void)state;
	static const struct {
		const char *text;
		bool plain;
	} cases[] = {{"a.b", true}, {"_x.a-b.c", true}, {"!.~", true}, {"a", true}, {"a.", false}, {"a.b.", false},
		{".a.b", false}, {"a..b", false}, {"", false}, {".", false}, {"A.b", false}, {"a.Z", false},
		{"a b.c", false}, {"a.b\\", false}, {"a.b\x7f", false}, {"a.\xc3\xa4", false}, {"a.\x1f", false}};
	for (unsigned i = 0; i < sizeof cases / sizeof *cases; i++)
		if (name_plain_valid((const uint8_t *)cases[i].text, strlen(cases[i].text)) != cases[i].plain)
			fail_msg("\"%s\"", cases[i].text);
	/* The longest label, the longest name, and one more. */
	char text[NAME_MAX_WIRE + 8];
	for (unsigned label = 60; label <= 66; label++) {
		memset(text, 'a', label);
		memcpy(text + label, ".b", 2);
		assert_int_equal(name_plain_valid((uint8_t *)text, label + 2), label <= NAME_MAX_LABEL);
	}
	for (unsigned length = 240; length <= 258; length++) {
		for (unsigned i = 0; i < length; i++)
			text[i] = i % 2 ? '.' : 'a';
		text[length - 1] = 'a';
		text[length - 2] = length % 2 ? '.' : 'a';
		assert_int_equal(name_plain_valid((uint8_t *)text, length), length + 2 <= NAME_MAX_WIRE);
	}
}

/* Each octet as text: what a terminal or a zone file could take for something else is a number. */
static void octets_as_text(void **state)
{
	(void)state;
	for (unsigned octet = 0; octet < 256; octet++) {
		const uint8_t wire[] = {1, (uint8_t)octet, 0};
		char text[NAME_MAX_TEXT], expected[8];
		bool escaped = octet == '.' || octet == '\\', plain = octet > ' ' && octet < 0x7f;
		snprintf(expected, sizeof expected, escaped ? "\\%c" : plain ? "%c" : "\\%03u", octet);
		assert_int_equal(name_to_text(wire, sizeof wire, text), strlen(expected));
		assert_string_equal(text, expected);
	}
}

/* What is no whole name is read to its end, and no further. */
static void cut_names_as_text(void **state)
{
	(void)state;
	static const struct {
		const char *wire;
		size_t length;
		const char *text;
	} cases[] = {{"", 0, "."}, {"\3", 1, "."}, {"\3a", 2, "a"}, {"\3abc", 4, "abc"}, {"\3abc\2", 5, "abc."},
		{"\3abc\2d", 6, "abc.d"}, {"\1a\1b", 4, "a.b"}, {"\1a\0\1b", 5, "a"}};
	for (unsigned i = 0; i < sizeof cases / sizeof *cases; i++) {
		uint8_t *edge = edge_copy(cases[i].wire, cases[i].length);
		char text[NAME_MAX_TEXT];
		assert_int_equal(name_to_text(edge, cases[i].length, text), strlen(cases[i].text));
		assert_string_equal(text, cases[i].text);
		edge_free(edge, cases[i].length);
	}
}

static void lower_case(void **state)
{
	(void)state;
	uint8_t all[256], expected[256];
	for (unsigned i = 0; i < 256; i++) {
		all[i] = (uint8_t)i;
		expected[i] = i >= 'A' && i <= 'Z' ? (uint8_t)(i + 32) : (uint8_t)i;
	}
	/* Every octet in every place of a word, and every length. */
	for (size_t start = 0; start < 16; start++) {
		for (size_t length = 0; length <= 256 - start; length++) {
			uint8_t got[256];
			uint8_t *edge = edge_copy(all + start, length);
			name_lower(got, edge, length);
			assert_memory_equal(got, expected + start, length);
			edge_free(edge, length);
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(text_to_wire),
		cmocka_unit_test(limits_of_length),
		cmocka_unit_test(round_trip),
		cmocka_unit_test(splitting),
		cmocka_unit_test(plain_text),
		cmocka_unit_test(plain_or_not),
		cmocka_unit_test(octets_as_text),
		cmocka_unit_test(cut_names_as_text),
		cmocka_unit_test(lower_case),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
