/* SPDX-License-Identifier: BSD-3-Clause */
#include "tests/unit/unit.h"

#include <errno.h>
#include <unistd.h>

#include "feedsync/formats/misp/misp_listing.h"

#define UUID(digit) "0000000" digit "-0000-4000-8000-00000000000a"

/* What is added comes sorted, each event once, and is the same when it was written and read. */
static void written_and_read(void **state)
{
	(void)state;
	const struct listed_event added[] = {
		{UUID("3"), 30, 300, 1, 2, 0, 0},
		{UUID("1"), 10, 100, 1, 0, 77, 101},
		{"00000003-0000-4000-8000-00000000000A", 31, 301, 4, 5, 0, 0},
		{UUID("2"), 20, 200, 0, UINT32_MAX, 0, 0},
	};
	struct misp_listing listing = {0}, back;
	struct why why;
	size_t room = 0;
	for (unsigned i = 0; i < sizeof added / sizeof *added; i++)
		misp_listing_add(&listing, &room, &added[i]);
	misp_listing_sort(&listing);
	assert_int_equal(misp_listing_write(&listing, test_directory, &why), 0);
	assert_int_equal(misp_listing_read(&back, test_directory, &why), 0);
	assert_int_equal(back.count, 3);
	assert_int_equal(back.events[1].attributes, UINT32_MAX);
	assert_int_equal(back.events[2].fetched_at, 4);
	assert_string_equal(back.events[0].uuid, UUID("1"));
	assert_int_equal(back.events[0].unpublished_at, 77);
	assert_int_equal(back.events[0].edit, 101);
	assert_int_equal(back.events[2].id, 31); /* the newer of the two */
	assert_ptr_equal(misp_listing_find(&back, UUID("2")), &back.events[1]);
	assert_ptr_equal(misp_listing_find(&back, "00000003-0000-4000-8000-00000000000A"), &back.events[2]);
	assert_null(misp_listing_find(&back, UUID("4")));
	misp_listing_free(&listing);
	misp_listing_free(&back);
	assert_null(misp_listing_find(&back, UUID("2")));
}

static void damaged(void **state)
{
	(void)state;
	static const struct {
		const char *text; /* NULL: no file */
		int status;
		size_t count;
	} cases[] = {
		{"[]\n", 0, 0},
		{"[{\"uuid\":\"" UUID("1") "\"}]", 0, 1},
		{"[{\"uuid\":\"" UUID("1") "\",\"id\":\"7\",\"timestamp\":1e99,\"attributes\":-1}]", 0, 1},
		{"[{\"uuid\":\"../../../../../../../../../etc/passwd\"}]", -EBADMSG, 0},
		{"[{}]", -EBADMSG, 0},
		{"[1]", -EBADMSG, 0},
		{"{}", -EBADMSG, 0},
		{"[{\"uuid\":\"" UUID("1") "\"}", -EBADMSG, 0},
		{"", -EBADMSG, 0},
		{NULL, -ENOENT, 0},
	};
	for (unsigned i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct misp_listing listing;
		struct why why = {.text = ""};
		if (cases[i].text)
			write_text(in_directory("events.json"), cases[i].text);
		else
			unlink(in_directory("events.json"));
		int status = misp_listing_read(&listing, test_directory, &why);
		if (status != cases[i].status || listing.count != cases[i].count || (status != 0 && !why.text[0]))
			fail_msg("%s: %d (%s), %zu events", cases[i].text ? cases[i].text : "none", status, why.text,
				listing.count);
		misp_listing_free(&listing);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(written_and_read, with_directory, without_directory),
		cmocka_unit_test_setup_teardown(damaged, with_directory, without_directory),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
