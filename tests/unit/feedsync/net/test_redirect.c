/* SPDX-License-Identifier: BSD-3-Clause */
/* Which redirects are followed. */
#include "tests/unit/unit.h"

#include "feedsync/base/maxima.h"
#include "feedsync/base/url.h"
#include "feedsync/net/redirect.h"

static void judged(void **state)
{
	(void)state;
	static const struct {
		const char *from, *to;
		unsigned followed;
		const char *refused; /* part of the reason; NULL = it is followed */
	} cases[] = {
		{"https://a.example/x", "https://a.example/y", 0, NULL},
		{"https://a.example/x", "https://b.example:8443/y?z", MAX_REDIRECTS - 1, NULL},
		{"http://a.example/x", "http://b.example/", 0, NULL},
		{"http://a.example/x", "https://a.example/x", 0, NULL},
		{"https://a.example/x", "http://a.example/x", 0, "from https to http"},
		{"HTTPS://a.example/x", "http://a.example/x", 0, "from https to http"},
		{"https://a.example/x", "HTTP://a.example/x", 0, "from https to http"},
		{"https://a.example/x", "https://b.example/", MAX_REDIRECTS, "more than 3 times"},
		{"http://a.example/x", "file:///etc/passwd", 0, "no https:// or http:// URL"},
		{"http://a.example/x", "ftp://b.example/", 0, "no https:// or http:// URL"},
		{"http://a.example/x", "foo:///x", 0, "no https:// or http:// URL"},
		{"http://a.example/x", "mailto:a@b.example", 0, "no https:// or http:// URL"},
		{"http://a.example/x", "http://", 0, "no https:// or http:// URL"},
		{"http://a.example/x", "http://[::1", 0, "no https:// or http:// URL"},
		{"http://a.example/x", "", 0, "no https:// or http:// URL"},
		{"http://a.example/x", "ftp://user:secret@b.example/?key", 0,
			"redirects to ftp://b.example/?..., which"},
		/* What was not understood may have been https. */
		{"nonsense:", "http://a.example/x", 0, "from https to http"},
	};
	for (unsigned i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct why why = {0};
		enum error_class class = redirect_judge(cases[i].from, cases[i].to, cases[i].followed, &why);
		bool as_wanted = cases[i].refused ? class == ERROR_HTTP && strstr(why.text, cases[i].refused)
						  : class == ERROR_NONE;
		if (!as_wanted)
			fail_msg("%s -> %s: \"%s\", \"%s\", not \"%s\"", cases[i].from, cases[i].to,
				error_class_word(class), why.text, cases[i].refused ? cases[i].refused : "followed");
	}
}

static void too_long(void **state)
{
	(void)state;
	char url[URL_MAX + 2];
	struct why why;
	memset(url, 'a', sizeof url);
	memcpy(url, "https://a.example/", 18);
	url[URL_MAX + 1] = '\0';
	assert_int_equal(redirect_judge("https://a.example/", url, 0, &why), ERROR_HTTP);
	assert_non_null(strstr(why.text, "too long a URL"));
	url[URL_MAX] = '\0';
	assert_int_equal(redirect_judge("https://a.example/", url, 0, &why), ERROR_NONE);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(judged),
		cmocka_unit_test(too_long),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
