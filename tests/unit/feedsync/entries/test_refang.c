/* SPDX-License-Identifier: BSD-3-Clause */
/* Disguises of names and URLs, undone. */
#include "tests/unit/unit.h"

#include "feedsync/entries/refang.h"

static void marks(void **state)
{
	(void)state;
	static const struct {
		const char *text, *plain;
	} cases[] = {
		{"", ""},
		{"evil.example", "evil.example"},
		{"evil[.]example", "evil.example"},
		{"a[.]b(.)c{.}d", "a.b.c.d"},
		{"a[dot]b(DOT)c{Dot}d", "a.b.c.d"},
		{"hxxp://evil[.]example", "http://evil.example"},
		{"hXXps[:]//evil[.]example", "https://evil.example"},
		{"hxxps[://]u[@]evil.example", "https://u@evil.example"},
		{"xhxxp.example", "xhxxp.example"},
		{"[.", "[."},
		{"[.]", "."},
		{"[::1]", "[::1]"},
		{"[[.]]", "[.]"},
		{"[do", "[do"},
		{"hxx", "hxx"},
	};
	for (unsigned i = 0; i < sizeof cases / sizeof *cases; i++) {
		size_t length = strlen(cases[i].text);
		char *text = (char *)edge_copy(cases[i].text, length);
		size_t got = refang(text, length);
		if (got != strlen(cases[i].plain) || memcmp(text, cases[i].plain, got) != 0)
			fail_msg("%s: %.*s", cases[i].text, (int)got, text);
		edge_free((uint8_t *)text, length);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(marks),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
