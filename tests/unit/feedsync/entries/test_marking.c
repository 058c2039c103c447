/* SPDX-License-Identifier: BSD-3-Clause */
/* Words of markings, and which of two is more restrictive. */
#include "tests/unit/unit.h"

#include "feedsync/entries/marking.h"

static void words(void **state)
{
	(void)state;
	static const struct {
		const char *word;
		enum tlp tlp;
		enum pap pap;
	} cases[] = {
		{"clear", TLP_CLEAR, PAP_CLEAR},
		{"WHITE", TLP_CLEAR, PAP_CLEAR},
		{"Green", TLP_GREEN, PAP_GREEN},
		{"amber", TLP_AMBER, PAP_AMBER},
		{"AMBER+STRICT", TLP_AMBER_STRICT, PAP_NONE},
		{"red", TLP_RED, PAP_RED},
		{"none", TLP_NONE, PAP_NONE},
		{"unknown", TLP_NONE, PAP_NONE},
		{"", TLP_NONE, PAP_NONE},
		{"greenish", TLP_NONE, PAP_NONE},
	};
	for (unsigned i = 0; i < sizeof cases / sizeof *cases; i++) {
		enum tlp tlp;
		enum pap pap;
		bool is_tlp = tlp_from_text(cases[i].word, &tlp), is_pap = pap_from_text(cases[i].word, &pap);
		if (is_tlp != (cases[i].tlp != TLP_NONE) || is_pap != (cases[i].pap != PAP_NONE) ||
			(is_tlp && tlp != cases[i].tlp) || (is_pap && pap != cases[i].pap))
			fail_msg("\"%s\" is read as %d %d, %d %d", cases[i].word, is_tlp, tlp, is_pap, pap);
	}
}

static void order(void **state)
{
	(void)state;
	for (int a = TLP_NONE; a <= TLP_UNKNOWN; a++)
		for (int b = PAP_NONE; b <= PAP_UNKNOWN; b++) {
			const struct marking x = {(enum tlp)a, PAP_GREEN}, y = {TLP_GREEN, (enum pap)b};
			struct marking strictest = marking_strictest(x, y);
			assert_int_equal(strictest.tlp, a > TLP_GREEN ? a : TLP_GREEN);
			assert_int_equal(strictest.pap, b > PAP_GREEN ? b : PAP_GREEN);
		}
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(words), cmocka_unit_test(order)};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
