/* SPDX-License-Identifier: BSD-3-Clause */
/* What of a URL may be shown, and URLs below others. */
#include "tests/unit/unit.h"

#include <errno.h>

#include "feedsync/base/url.h"

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

static void parameters(void **state)
{
	(void)state;
	static const struct {
		const char *before, *key, *value, *after;
	} cases[] = {
		{"https://a.example/x", "k", "v", "https://a.example/x?k=v"},
		{"https://a.example/x?a=b", "k", "v", "https://a.example/x?a=b&k=v"},
		{"https://a.example/x#f", "k", "v", "https://a.example/x?k=v"},
		{"https://a.example/", "match[type]", "a/b c&d=e%",
			"https://a.example/?match%5Btype%5D=a%2Fb%20c%26d%3De%25"},
	};
	char url[URL_MAX + 1], value[URL_MAX + 1];
	for (unsigned i = 0; i < sizeof cases / sizeof *cases; i++) {
		snprintf(url, sizeof url, "%s", cases[i].before);
		assert_int_equal(url_add(url, cases[i].key, cases[i].value), 0);
		assert_string_equal(url, cases[i].after);
	}
	/* The longest that fits, and one more. */
	memset(value, 'x', sizeof value);
	value[URL_MAX - strlen("http://a/?k=")] = '\0';
	snprintf(url, sizeof url, "http://a/");
	assert_int_equal(url_add(url, "k", value), 0);
	assert_int_equal(strlen(url), URL_MAX);
	snprintf(url, sizeof url, "http://a.b/");
	assert_int_equal(url_add(url, "k", value), -ENAMETOOLONG);
}

static void servers(void **state)
{
	(void)state;
	static const struct {
		const char *base, *reference;
		int status;
		const char *url;
	} cases[] = {
		{"https://a.example/taxii2/", "/api1/", 0, "https://a.example/api1/"},
		{"https://a.example/taxii2/", "api1/", 0, "https://a.example/taxii2/api1/"},
		{"https://a.example/taxii2/", "https://A.example:443/api1/", 0, NULL},
		{"https://a.example:443/", "https://a.example/api1/", 0, NULL},
		{"https://a.example/", "https://b.example/", -EXDEV, NULL},
		{"https://a.example/", "//b.example/api1/", -EXDEV, NULL},
		{"https://a.example/", "https://a.example:444/", -EXDEV, NULL},
		{"https://a.example/", "http://a.example/", -EXDEV, NULL},
		{"https://a.example/", "http://a.example:443/", -EXDEV, NULL},
		{"https://a.example/", "https://u:p@a.example/", -EXDEV, NULL},
		{"https://a.example/", "https://a.example@b.example/", -EXDEV, NULL},
		{"https://a.example/", "https://a.example.b.example/", -EXDEV, NULL},
		{"https://a.example/", "file:///etc/passwd", -EXDEV, NULL},
		{"https://a.example/", "https://[::", -EBADMSG, NULL},
	};
	for (unsigned i = 0; i < sizeof cases / sizeof *cases; i++) {
		char url[URL_MAX + 1] = "";
		int status = url_on_same_server(cases[i].base, cases[i].reference, url);
		if (status != cases[i].status || (cases[i].url && strcmp(url, cases[i].url) != 0))
			fail_msg("%s: %d, %s", cases[i].reference, status, url);
	}
}

static void origins(void **state)
{
	(void)state;
	static const struct {
		const char *url, *scheme, *host; /* NULL: it leads to no server */
		unsigned port;
		const char *target;
	} cases[] = {
		{"https://a.example", "https", "a.example", 443, "/"},
		{"http://a.example/x?y", "http", "a.example", 80, "/x?y"},
		{"HTTPS://A.example:8443/x?", "https", "A.example", 8443, "/x?"},
		{"https://user:p@a.example/x#f", "https", "a.example", 443, "/x"},
		{"https://[2001:db8::1]:8443/", "https", "2001:db8::1", 8443, "/"},
		{"https://192.0.2.1/", "https", "192.0.2.1", 443, "/"},
		{"file:///etc/passwd", NULL, NULL, 0, NULL},
		{"ftp://a.example/", NULL, NULL, 0, NULL},
		{"foo:///x", NULL, NULL, 0, NULL},
		{"mailto:a@b.example", NULL, NULL, 0, NULL},
		{"http://", NULL, NULL, 0, NULL},
		{"http://[::1", NULL, NULL, 0, NULL},
		{"", NULL, NULL, 0, NULL},
	};
	for (unsigned i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct origin origin;
		char target[URL_MAX + 1] = "";
		bool valid = url_origin(cases[i].url, &origin), wanted = cases[i].scheme != NULL;
		if (valid != wanted ||
			(wanted && (strcmp(origin.scheme, cases[i].scheme) != 0 ||
					   strcmp(origin.host, cases[i].host) != 0 || origin.port != cases[i].port)))
			fail_msg("%s: %d, %s, %s, %u", cases[i].url, valid, origin.scheme, origin.host, origin.port);
		if (wanted && (!url_target(cases[i].url, target) || strcmp(target, cases[i].target) != 0))
			fail_msg("%s: asked for %s, not %s", cases[i].url, target, cases[i].target);
	}
}

static void same_origin(void **state)
{
	(void)state;
	static const struct {
		const char *a, *b;
		bool same;
	} cases[] = {
		{"https://a.example/x", "https://A.EXAMPLE:443/y", true},
		{"https://a.example/x", "https://u:p@a.example/", true},
		{"https://a.example/", "http://a.example/", false},
		{"https://a.example/", "https://a.example:8443/", false},
		{"https://a.example/", "https://a.example.b.example/", false},
		{"https://a.example/", "https://a.example@b.example/", false},
		{"https://a.example/", "nonsense", false},
		{"https://a.example/", NULL, false},
	};
	for (unsigned i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct origin origin;
		assert_true(url_origin(cases[i].a, &origin));
		if (origin_is_of(&origin, cases[i].b) != cases[i].same)
			fail_msg("%s, %s: not %d", cases[i].a, cases[i].b ? cases[i].b : "NULL", cases[i].same);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(public_part),
		cmocka_unit_test(below),
		cmocka_unit_test(parameters),
		cmocka_unit_test(servers),
		cmocka_unit_test(origins),
		cmocka_unit_test(same_origin),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
