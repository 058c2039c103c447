/* SPDX-License-Identifier: BSD-3-Clause */
/* What a server says of why it sends nothing; its words never hold our secret. */
#include "tests/unit/unit.h"

#include "feedsync/feeds/server_words.h"
#include "feedsync/net/fetch.h"

#define HTTP_ONLY "the server answers HTTP 403"

static void words(void **state)
{
	(void)state;
	const struct credentials access = {.kind = ACCESS_KEY, .secret = "s3cret"};
	static const struct {
		const char *said, *message, *error;
	} cases[] = {
		{"{\"message\": \"no right\"}", "no right", HTTP_ONLY ": no right"},
		{"{\"title\": \"no right\"}", "", HTTP_ONLY ": no right"},
		{"{\"message\": \"\", \"title\": \"no right\"}", "", HTTP_ONLY ": no right"},
		{"{\"message\": \"a\\u001bb\"}", "a\\x1bb", HTTP_ONLY ": a\\x1bb"},
		{"{\"message\": \"the key s3cret has expired\"}", "", HTTP_ONLY},
		{"{\"title\": \"the key s3cret has expired\"}", "", HTTP_ONLY},
		{"{\"message\": 7}", "", HTTP_ONLY},
		{"<html>Forbidden</html>", "", HTTP_ONLY},
		{"{\"message\": \"cut", "", HTTP_ONLY},
		{"", "", HTTP_ONLY},
	};
	for (unsigned i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct fetch fetch = {.access = &access, .status = FETCH_FAILED, .http = 403, .error = HTTP_ONLY};
		char message[256];
		fetch.said_length = strlen(cases[i].said);
		memcpy(fetch.said, cases[i].said, fetch.said_length);
		assert_int_equal(
			read_server_words(&fetch, "message", message, sizeof message), cases[i].message[0] != '\0');
		assert_string_equal(message, cases[i].message);
		tell_server_words(&fetch);
		assert_string_equal(fetch.error, cases[i].error);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(words)};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
