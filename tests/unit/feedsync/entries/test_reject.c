/* SPDX-License-Identifier: BSD-3-Clause */
/* The table of reject reasons is whole. */
#include "tests/unit/unit.h"

#include "feedsync/base/maxima.h"
#include "feedsync/entries/reject.h"

static void rows(void **state)
{
	(void)state;
	unsigned samples = 0;
	for (enum reject r = 0; r < REJECT_COUNT; r++) {
		const char *key = reject_key(r), *text = reject_text(r);
		if (!key || !text || !text[0]) {
			fail_msg("reason %d has no row", r);
			continue;
		}
		/* It is a key in feed.json and `status --json`. */
		if (!key[0] || strspn(key, "abcdefghijklmnopqrstuvwxyz_") != strlen(key))
			fail_msg("reason %d: \"%s\" is no key", r, key);
		for (enum reject other = 0; other < r; other++)
			if (strcmp(key, reject_key(other)) == 0 || strcmp(text, reject_text(other)) == 0)
				fail_msg("reasons %d and %d: both \"%s\"", other, r, key);
		samples += reject_samples(r);
	}
	/* There is room for all examples that are wanted. */
	assert_in_range(samples, 0, MAX_SAMPLES);
}

static void signs(void **state)
{
	(void)state;
	static const struct {
		enum reject reject;
		enum reject_sign sign;
	} cases[] = {
		{REJECT_SYNTAX, SIGN_MALFORMED},
		{REJECT_NUL, SIGN_MALFORMED},
		{REJECT_CHARACTER, SIGN_MALFORMED},
		{REJECT_ADDRESS, SIGN_WITHDRAWN}, /* real lists of names hold addresses: no sign of another syntax */
		{REJECT_EXPIRED, SIGN_WITHDRAWN},
		{REJECT_GUARDED, SIGN_WITHDRAWN},
		{REJECT_PORT, SIGN_NONE},
		{REJECT_PATTERN, SIGN_NONE},
		{REJECT_CROWDED, SIGN_NONE},
	};
	for (unsigned i = 0; i < sizeof cases / sizeof *cases; i++)
		if (reject_sign(cases[i].reject) != cases[i].sign)
			fail_msg("%s: sign %d, not %d", reject_key(cases[i].reject), reject_sign(cases[i].reject),
				cases[i].sign);
	/* Every guard's reason was understood, and the operator sees what it stopped. */
	for (enum reject r = REJECT_OWN; r < REJECT_COUNT; r++) {
		assert_int_equal(reject_sign(r), SIGN_WITHDRAWN);
		assert_true(reject_samples(r) > reject_samples(REJECT_SYNTAX));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(rows),
		cmocka_unit_test(signs),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
