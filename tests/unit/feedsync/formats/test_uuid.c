/* SPDX-License-Identifier: BSD-3-Clause */
#include "tests/unit/unit.h"

#include "feedsync/formats/uuid.h"

static void uuids(void **state)
{
	(void)state;
	static const struct {
		const char *text;
		bool valid;
	} cases[] = {
		{"6f0d2b6e-0f5e-4a57-9f0b-0a4f8f2b7c11", true},
		{"6F0D2B6E-0F5E-4A57-9F0B-0A4F8F2B7C11", true},
		{"6f0d2b6e-0f5e-4a57-9f0b-0a4f8f2b7c1", false},
		{"6f0d2b6e-0f5e-4a57-9f0b-0a4f8f2b7c111", false},
		{"6f0d2b6e00f5e04a57-9f0b-0a4f8f2b7c11", false},
		{"../../../../../../../../../etc/passwd", false},
		{"6f0d2b6e-0f5e-4a57-9f0b-0a4f8f2b7c1/", false},
		{"0", false},
		{"", false},
	};
	for (unsigned i = 0; i < sizeof cases / sizeof *cases; i++)
		assert_int_equal(uuid_is_valid(cases[i].text), cases[i].valid);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(uuids),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
