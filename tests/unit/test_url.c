/* What of a URL may be shown, and URLs below others. */
#include "unit.h"

#include <errno.h>

#include "url.h"

static void public_part(void **state)
{
	(void)state;
	static const struct {
		const char *url, *shown;
	} cases[] = {
		{"https://a.example/list.txt", "https://a.example/list.txt"},
		{"https://user:secret@a.example:8443/list", "https://a.example:8443/list"},
		{"https://user:p@ss@a.example/x", "https://a.example/x"},
		{"https://a.example/x@y", "https://a.example/x@y"},
		{"https://a.example/x?key=secret", "https://a.example/x?..."},
		{"https://a.example?key=secret", "https://a.example?..."},
		{"https://a.example/#secret", "https://a.example/?..."},
		{"file:///etc/weir/list", "file:///etc/weir/list"},
		{"nonsense", "nonsense"},
		{"", ""},
	};
	for (unsigned i = 0; i < sizeof cases / sizeof *cases; i++) {
		char text[URL_MAX + 1];
		assert_string_equal(url_public(cases[i].url, text), cases[i].shown);
	}
}

static void below(void **state)
{
	(void)state;
	static const struct {
		const char *base, *url;
	} cases[] = {
		{"https://a.example", "https://a.example/m.json"},
		{"https://a.example/f//", "https://a.example/f/m.json"},
		{"https://a.example/f/?key=1/2", "https://a.example/f/m.json?key=1/2"},
	};
	char url[URL_MAX + 1], base[URL_MAX + 1];
	for (unsigned i = 0; i < sizeof cases / sizeof *cases; i++) {
		assert_int_equal(url_below(cases[i].base, "m.json", url), 0);
		assert_string_equal(url, cases[i].url);
	}
	memset(base, 'a', URL_MAX);
	base[URL_MAX] = '\0';
	assert_int_equal(url_below(base, "m", url), -ENAMETOOLONG);
	base[URL_MAX - 2] = '\0';
	assert_int_equal(url_below(base, "m", url), 0);
	assert_int_equal(strlen(url), URL_MAX);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(public_part),
		cmocka_unit_test(below),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
