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

/* Every subset of words: the most restrictive counts. */
static void strictest(void **state)
{
	(void)state;
	for (unsigned tlp = 0; tlp < 1U << (TLP_UNKNOWN + 1); tlp += 2)
		for (unsigned pap = 0; pap < 1U << (PAP_UNKNOWN + 1); pap += 2) {
			struct marking found = markings_strictest((struct markings){tlp, pap});
			assert_true(tlp == 0 ? found.tlp == TLP_NONE : tlp >> found.tlp == 1);
			assert_true(pap == 0 ? found.pap == PAP_NONE : pap >> found.pap == 1);
		}
}

static void texts(void **state)
{
	(void)state;
	static const struct {
		const char *text;
		unsigned tlp, pap;
	} cases[] = {
		{"tlp:red", TLP_BIT(TLP_RED), 0},
		{"TLP:AMBER-STRICT", TLP_BIT(TLP_AMBER_STRICT), 0},
		{" \"TLP\" = \"White\"", TLP_BIT(TLP_CLEAR), 0},
		{"TLP:GREEN, for members only", TLP_BIT(TLP_GREEN), 0},
		{"tlp:redder", TLP_BIT(TLP_UNKNOWN), 0},
		{"PAP:RED", 0, PAP_BIT(PAP_RED)},
		{"pap", 0, PAP_BIT(PAP_UNKNOWN)},
		{"papaya", 0, 0},
		{"my tlp:red", 0, 0},
		{"", 0, 0},
	};
	for (unsigned i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct markings found = {0};
		markings_add_text(&found, cases[i].text);
		if (found.tlp != cases[i].tlp || found.pap != cases[i].pap)
			fail_msg("\"%s\" is read as %x, %x", cases[i].text, found.tlp, found.pap);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(words), cmocka_unit_test(strictest), cmocka_unit_test(texts)};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
