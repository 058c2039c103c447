/* SPDX-License-Identifier: BSD-3-Clause */
/* Where a link leads a browser. Cases of the URL Standard's own kind, written for this. */
#include "tests/unit/unit.h"

#include "feedsync/base/browser_url.h"

static const struct {
	const char *url, *host;
	enum browser_url kind;
} cases[] = {
	{"http://evil.example", "evil.example", BROWSER_URL_HOST},
	{"https://Evil.example./", "Evil.example.", BROWSER_URL_HOST},
	{" \thttp://evil.example/ \n", "evil.example", BROWSER_URL_HOST},
	{"ht\ntp://ev\til.exa\rmple", "evil.example", BROWSER_URL_HOST},
	{"HTTP:evil.example", "evil.example", BROWSER_URL_HOST},
	{"http:/evil.example", "evil.example", BROWSER_URL_HOST},
	{"http:////evil.example/x", "evil.example", BROWSER_URL_PAGE},
	{"http:\\\\evil.example\\x", "evil.example", BROWSER_URL_PAGE},
	{"//evil.example", "evil.example", BROWSER_URL_HOST},
	/* "\\" is a "/": what stands behind it is no host */
	{"http://evil.example\\@good.example/", "evil.example", BROWSER_URL_PAGE},
	{"http://evil.example/@good.example", "evil.example", BROWSER_URL_PAGE},
	{"http://evil.example?@good.example", "evil.example", BROWSER_URL_PAGE},
	{"http://evil.example#@good.example", "evil.example", BROWSER_URL_PAGE},
	{"evil.example\\@good.example", "evil.example", BROWSER_URL_PAGE},
	{"http://u:p@evil.example", "evil.example", BROWSER_URL_HOST},
	{"http://good.example@evil.example", "evil.example", BROWSER_URL_HOST},
	{"http://good.example@x@evil.example", "evil.example", BROWSER_URL_HOST},
	{"http://good.example:80@evil.example:81", "evil.example", BROWSER_URL_HOST},
	{"http://@evil.example", "evil.example", BROWSER_URL_HOST},
	{"http://%65vil%2Eexample/", "evil.example", BROWSER_URL_HOST},
	{"http://evil.example%2fgood", "evil.example/good", BROWSER_URL_HOST},
	{"http://evil%zz.example", "evil%zz.example", BROWSER_URL_HOST},
	{"http://evil.example%", "evil.example%", BROWSER_URL_HOST},
	{"http://evil.example%2", "evil.example%2", BROWSER_URL_HOST},
	{"http://evil.example%00.good.example", "", BROWSER_URL_NONE}, {"http://evil.example%20", "", BROWSER_URL_NONE},
	{"http://evil.example /", "", BROWSER_URL_NONE},
	{"http://b\xc3\xbc.example", "b\xc3\xbc.example", BROWSER_URL_HOST},
	{"http://evil.example:", "evil.example", BROWSER_URL_HOST},
	{"http://evil.example:65535/", "evil.example", BROWSER_URL_HOST},
	{"http://evil.example:65536/", "", BROWSER_URL_NONE},
	{"http://evil.example:99999999999999999999/", "", BROWSER_URL_NONE},
	{"http://evil.example:8a/", "", BROWSER_URL_NONE}, {"http://evil.example:80:80/", "", BROWSER_URL_NONE},
	{"http://[2001:db8::1]:80/", "[2001:db8::1]", BROWSER_URL_HOST},
	{"http://[2001:db8::1]x/", "", BROWSER_URL_NONE},
	/* without a scheme */
	{"\tevil.example\n", "evil.example", BROWSER_URL_HOST}, {"127.0.0.1\tevil.example", "", BROWSER_URL_NONE},
	{"evil.ex\nample", "", BROWSER_URL_NONE}, {"evil.example", "evil.example", BROWSER_URL_HOST},
	{"evil.example:8080", "evil.example", BROWSER_URL_HOST},
	{"evil.example:8080/x", "evil.example", BROWSER_URL_PAGE}, {"evil.example/x", "evil.example", BROWSER_URL_PAGE},
	{"evil.example?x", "evil.example", BROWSER_URL_PAGE},
	/* other schemes */
	{"foo://evil.example/x", "evil.example", BROWSER_URL_PAGE},
	{"foo://evil.example\\@good.example", "good.example", BROWSER_URL_HOST}, {"foo:///x", "", BROWSER_URL_NONE},
	{"mailto:a@evil.example", "", BROWSER_URL_NONE}, {"javascript:alert(1)", "", BROWSER_URL_NONE},
	{"data:text/html,evil.example", "", BROWSER_URL_NONE},
	/* what is the host as a whole */
	{"http://evil.example/#", "evil.example", BROWSER_URL_HOST},
	{"http://evil.example#", "evil.example", BROWSER_URL_HOST},
	{"http://evil.example/#!abc", "evil.example", BROWSER_URL_PAGE},
	{"http://evil.example?", "evil.example", BROWSER_URL_PAGE},
	{"http://evil.example/?", "evil.example", BROWSER_URL_PAGE},
	{"http://evil.example/.", "evil.example", BROWSER_URL_HOST},
	{"http://evil.example/./", "evil.example", BROWSER_URL_HOST},
	{"http://evil.example/..", "evil.example", BROWSER_URL_HOST},
	{"http://evil.example/a/../", "evil.example", BROWSER_URL_HOST},
	{"http://evil.example/a/%2E%2e/%2e", "evil.example", BROWSER_URL_HOST},
	{"http://evil.example/a/b/../", "evil.example", BROWSER_URL_PAGE},
	{"http://evil.example/...", "evil.example", BROWSER_URL_PAGE},
	{"http://evil.example/.x", "evil.example", BROWSER_URL_PAGE},
	{"http://evil.example/%2", "evil.example", BROWSER_URL_PAGE},
	{"http://evil.example//", "evil.example", BROWSER_URL_PAGE},
	{"http://evil.example//..", "evil.example", BROWSER_URL_HOST},
	/* nothing */
	{"", "", BROWSER_URL_NONE}, {"http://", "", BROWSER_URL_NONE}, {"http:///", "", BROWSER_URL_NONE},
	{"http://:80/", "", BROWSER_URL_NONE}, {"http://u@", "", BROWSER_URL_NONE}, {"/", "", BROWSER_URL_NONE},
	{"?", "", BROWSER_URL_NONE}, {":", "", BROWSER_URL_NONE},
	{"[", "[", BROWSER_URL_HOST}, /* no name: who takes it says so */
};

static void urls(void **state)
{
	(void)state;
	for (unsigned i = 0; i < sizeof cases / sizeof *cases; i++) {
		size_t length = strlen(cases[i].url);
		char host[BROWSER_HOST_MAX + 1];
		uint8_t *text = edge_copy(cases[i].url, length);
		enum browser_url kind = browser_url_host((const char *)text, length, host);
		if (kind != cases[i].kind || (kind != BROWSER_URL_NONE && strcmp(host, cases[i].host) != 0))
			fail_msg("%s: kind %d, host \"%s\"", cases[i].url, (int)kind, host);
		edge_free(text, length);
	}
}

/* Of a long URL nothing but the host counts, and of a host that is longer than any nothing. */
static void long_ones(void **state)
{
	(void)state;
	enum { LENGTH = 100000 };
	char *url = malloc(LENGTH), host[BROWSER_HOST_MAX + 1];
	memset(url, 'a', LENGTH);
	memcpy(url, "http://evil.example/", 20);
	assert_int_equal(browser_url_host(url, LENGTH, host), BROWSER_URL_PAGE);
	assert_string_equal(host, "evil.example");
	url[19] = '.';
	assert_int_equal(browser_url_host(url, 7 + BROWSER_HOST_MAX, host), BROWSER_URL_HOST);
	assert_int_equal(browser_url_host(url, 7 + BROWSER_HOST_MAX + 1, host), BROWSER_URL_NONE);
	memcpy(url + LENGTH - 14, "@other.example", 14);
	assert_int_equal(browser_url_host(url, LENGTH, host), BROWSER_URL_HOST);
	assert_string_equal(host, "other.example");
	free(url);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(urls),
		cmocka_unit_test(long_ones),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
