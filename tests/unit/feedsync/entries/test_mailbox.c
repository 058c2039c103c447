/* SPDX-License-Identifier: BSD-3-Clause */
/* E-mail addresses to names and back. */
#include "tests/unit/unit.h"

#include "feedsync/entries/mailbox.h"

#define CHARACTERS_63 "a23456789b123456789c123456789d123456789e123456789f123456789g123"
#define LABELS_190 CHARACTERS_63 "." CHARACTERS_63 "." CHARACTERS_63

static void read_and_written(void **state)
{
	(void)state;
	static const struct {
		const char *text, *name; /* NULL: none */
		const char *again;       /* NULL: as it was */
	} cases[] = {
		{"dns@isp.example", "dns.isp.example", NULL},
		{"dns.admin@isp.example", "dns\\.admin.isp.example", NULL},
		{"Dns+block@ISP.example.", "Dns+block.isp.example", "Dns+block@isp.example"},
		{".a..b.@isp.example", "\\.a\\.\\.b\\..isp.example", NULL},
		{"dns@b\xc3\xbc"
		 "cher.example",
			"dns.xn--bcher-kva.example", "dns@xn--bcher-kva.example"},
		{CHARACTERS_63 "@isp.example", CHARACTERS_63 ".isp.example", NULL},
		{CHARACTERS_63 "4@isp.example", NULL, NULL},
		{CHARACTERS_63 "@" LABELS_190, NULL, NULL}, /* 257 octets */
		{CHARACTERS_63 "@" CHARACTERS_63 "." CHARACTERS_63
			       ".a23456789b123456789c123456789d123456789e123456789f123456789g1",
			CHARACTERS_63 "." CHARACTERS_63 "." CHARACTERS_63
				      ".a23456789b123456789c123456789d123456789e123456789f123456789g1",
			NULL}, /* 255 octets */
		{"", NULL, NULL},
		{"@", NULL, NULL},
		{"dns", NULL, NULL},
		{"@isp.example", NULL, NULL},
		{"dns@", NULL, NULL},
		{"dns@isp", NULL, NULL},
		{"dns@@isp.example", NULL, NULL},
		{"dns@isp.example, x@isp.example", NULL, NULL},
		{"mailto:dns@isp.example", NULL, NULL},
		{"\"d n s\"@isp.example", NULL, NULL},
		{"d\\.s@isp.example", NULL, NULL},
		{"d\xc3\xbcs@isp.example", NULL, NULL},
		{"d\ns@isp.example", NULL, NULL},
		{"dns@isp.example\n; evil", NULL, NULL},
		{"dns@192.0.2.1", NULL, NULL},
	};
	for (unsigned i = 0; i < sizeof cases / sizeof *cases; i++) {
		name_storage wire;
		char name[NAME_MAX_TEXT], text[MAILBOX_MAX_TEXT];
		int length = mailbox_read(cases[i].text, wire);
		if ((length < 0) != !cases[i].name)
			fail_msg("%s: %d", cases[i].text, length);
		if (length < 0)
			continue;
		name_to_text(wire, (size_t)length, name);
		assert_string_equal(name, cases[i].name);
		assert_string_equal(
			mailbox_text(wire, (size_t)length, text), cases[i].again ? cases[i].again : cases[i].text);
	}
}

/* What only another writer of tables could have put there is written so that a terminal takes no harm. */
static void hostile(void **state)
{
	(void)state;
	static const struct {
		const char *wire;
		size_t length;
		const char *text;
	} cases[] = {
		{"\4a\033[m\7example", 14, "a\\027[m@example"},
		{"\3\\.\"\7example", 13, "\\\\.\"@example"},
		{"\1@", 3, "@@."},
	};
	for (unsigned i = 0; i < sizeof cases / sizeof *cases; i++) {
		char text[MAILBOX_MAX_TEXT];
		assert_string_equal(mailbox_text((const uint8_t *)cases[i].wire, cases[i].length, text), cases[i].text);
	}
	/* The longest. */
	name_storage wire;
	char text[MAILBOX_MAX_TEXT];
	memset(wire, 0xff, sizeof wire);
	wire[0] = wire[64] = wire[128] = 63;
	wire[192] = 61;
	wire[254] = 0;
	assert_in_range(strlen(mailbox_text(wire, sizeof wire, text)), 1000, MAILBOX_MAX_TEXT - 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(read_and_written), cmocka_unit_test(hostile)};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
