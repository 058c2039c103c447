/* SPDX-License-Identifier: BSD-3-Clause */
/* Directories of pages. */
#include "tests/unit/unit.h"

#include <errno.h>
#include <unistd.h>

#include "feedsync/base/atomic_dir.h"
#include "feedsync/base/atomic_file.h"
#include "feedsync/base/json.h"
#include "feedsync/base/maxima.h"
#include "feedsync/entries/sink.h"
#include "feedsync/formats/pages.h"

static void put(const char *name, const char *text)
{
	char path[128];
	struct why why;
	snprintf(path, sizeof path, "%s/%s", test_directory, name);
	assert_int_equal(atomic_file_write(path, MODE_PRIVATE, text, strlen(text), &why), 0);
}

static void known(void **state)
{
	(void)state;
	struct why why;
	struct pages in = {.count = 7,
			     .url = "https://a.example/x?y",
			     .added_after = "2020-01-01T00:00:00Z",
			     .whole_at = 5},
		     out;
	assert_int_equal(pages_read(&out, test_directory, &why), -ENOENT);
	assert_int_equal(pages_write(&in, test_directory, &why), 0);
	assert_int_equal(pages_read(&out, test_directory, &why), 0);
	assert_int_equal(out.count, 7);
	assert_string_equal(out.url, in.url);
	assert_string_equal(out.added_after, in.added_after);
	assert_int_equal(out.whole_at, 5);
	static const char *const bad[] = {
		"", "{", "[]", "{}", "{\"pages\":-1}", "{\"pages\":\"x\"}", "{\"pages\":5001}"};
	for (unsigned i = 0; i < sizeof bad / sizeof *bad; i++) {
		put("pages.json", bad[i]);
		assert_int_equal(pages_read(&out, test_directory, &why), -EBADMSG);
	}
	put("pages.json", "{\"pages\":5000}");
	assert_int_equal(pages_read(&out, test_directory, &why), 0);
	assert_string_equal(out.added_after, "");
}

static char noted[128], used[128];

/* Collects the numbers that the pages hold; 9 is refused, 8 ends it. */
static int collect(char text[128], const struct node *page, const char *name)
{
	uint64_t number;
	if (!node_number(node_at(page, 0), &number) || number == 9)
		return -EBADMSG;
	size_t length = strlen(text);
	snprintf(text + length, 128 - length, "%s=%llu ", name, (unsigned long long)number);
	return number == 8 ? -ENOMEM : 0;
}

static int note(const struct page_reading *reading, const struct node *page)
{
	assert_non_null(reading->latest);
	return collect(noted, page, reading->parse.document);
}

static int use(const struct page_reading *reading, const struct node *page)
{
	assert_non_null(reading->parse.sink);
	return collect(used, page, reading->parse.document);
}

static int parse(struct parse_counts *counts, struct why *why)
{
	struct sink sink = {.counts = counts};
	noted[0] = used[0] = '\0';
	const struct parse parse = {.path = test_directory, .document = "feed", .sink = &sink, .why = why};
	return pages_parse(&parse, note, use);
}

static void parsed(void **state)
{
	(void)state;
	struct why why;
	struct parse_counts counts = {0};
	put("pages.json", "{\"pages\":5}");
	put("1.json", "[1]");
	put("2.json", "[2");
	put("3.json", "[9]");
	put("5.json", "[5]"); /* 4 is missing */
	put("6.json", "[6]"); /* not counted */
	assert_int_equal(parse(&counts, &why), 0);
	assert_string_equal(noted, "feed/1.json=1 feed/5.json=5 ");
	assert_string_equal(used, noted);
	assert_int_equal(counts.damaged, 3); /* once each */
	put("2.json", "[8]");
	assert_int_equal(parse(&counts, &why), -ENOMEM);
	assert_memory_equal(why.text, "feed/2.json: ", 13);
	assert_string_equal(used, "");
	put("pages.json", "{}");
	assert_int_equal(parse(&counts, &why), -EBADMSG);
	assert_memory_equal(why.text, "feed/pages.json: ", 17);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(known, with_directory, without_directory),
		cmocka_unit_test_setup_teardown(parsed, with_directory, without_directory),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
