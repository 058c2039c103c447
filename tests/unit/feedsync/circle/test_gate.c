/* SPDX-License-Identifier: BSD-3-Clause */
/* The gate's whole truth table, for what people write: each marking, to its source without and with strict, and to outputs of
 * each ceiling. */
#include "tests/unit/unit.h"

#include "feedsync/circle/gate.h"

/* The letters: "+" it passes; "u" unmarked, "t" TLP, "p" PAP, "?" unknown. In this order: to the source, to the source with
 * strict, to an output of clear, green, amber. */
static const struct {
	const char *texts[3]; /* as tags of an event or an attribute; the most restrictive counts */
	enum tlp unmarked;
	const char *answers;
} table[] = {
	{{"tlp:clear"}, TLP_NONE, "+++++"},
	{{"TLP:WHITE"}, TLP_NONE, "+++++"},
	{{"tlp:green"}, TLP_NONE, "++t++"},
	{{"tlp:amber"}, TLP_NONE, "++tt+"},
	{{"tlp:amber+strict"}, TLP_NONE, "t+ttt"},
	{{"TLP: AMBER + STRICT"}, TLP_NONE, "t+ttt"},
	{{"tlp:red"}, TLP_NONE, "t+ttt"},
	{{"tlp=\"red\""}, TLP_NONE, "t+ttt"},
	{{"tlp:ex:chr"}, TLP_NONE, "?????"},
	{{"tlp:ex-chr"}, TLP_NONE, "?????"},
	{{"tlp:unclear"}, TLP_NONE, "?????"},
	{{"tlp:greenish"}, TLP_NONE, "?????"},
	{{"tlp:"}, TLP_NONE, "?????"},
	/* without a marking: by what the feed's setting says, and not at all without one */
	{{NULL}, TLP_NONE, "++uuu"},
	{{"phishing", "type:OSINT", "tlpx:clear"}, TLP_NONE, "++uuu"},
	{{NULL}, TLP_CLEAR, "+++++"},
	{{NULL}, TLP_GREEN, "++t++"},
	{{NULL}, TLP_AMBER, "++tt+"},
	{{NULL}, TLP_AMBER_STRICT, "t+ttt"},
	{{NULL}, TLP_RED, "t+ttt"},
	/* the setting is for what has none: it neither loosens nor tightens a marking */
	{{"tlp:red"}, TLP_CLEAR, "t+ttt"},
	{{"tlp:clear"}, TLP_RED, "+++++"},
	/* PAP */
	{{"tlp:clear", "PAP:CLEAR"}, TLP_NONE, "+++++"},
	{{"tlp:clear", "PAP:WHITE"}, TLP_NONE, "+++++"},
	{{"tlp:green", "PAP:GREEN"}, TLP_NONE, "++t++"},
	{{"tlp:clear", "PAP:AMBER"}, TLP_NONE, "++ppp"},
	{{"tlp:clear", "pap:red"}, TLP_NONE, "++ppp"},
	{{"tlp:green", "PAP:RED"}, TLP_NONE, "++tpp"},
	{{"tlp:clear", "PAP:BLUE"}, TLP_NONE, "?????"},
	{{"PAP:GREEN"}, TLP_NONE, "++uuu"},
	{{"PAP:RED"}, TLP_NONE, "++uuu"},
	{{"tlp:red", "PAP:RED"}, TLP_NONE, "t+ttt"},
	/* of several the most restrictive */
	{{"tlp:clear", "tlp:red"}, TLP_NONE, "t+ttt"},
	{{"tlp:red", "tlp:green"}, TLP_NONE, "t+ttt"},
	{{"tlp:green", "tlp:amber"}, TLP_NONE, "++tt+"},
	{{"tlp:red", "tlp:ex:chr"}, TLP_NONE, "?????"},
	{{"tlp:clear", "PAP:CLEAR", "PAP:AMBER"}, TLP_NONE, "++ppp"},
};

static char letter_of(enum gate_result result)
{
	static const char letters[] = {
		[GATE_OPEN] = '+', [GATE_UNMARKED] = 'u', [GATE_TLP] = 't', [GATE_PAP] = 'p', [GATE_UNKNOWN] = '?'};
	return letters[result];
}

static void truth_table(void **state)
{
	(void)state;
	for (unsigned i = 0; i < sizeof table / sizeof *table; i++) {
		struct markings markings = {0};
		for (unsigned t = 0; t < 3 && table[i].texts[t]; t++)
			markings_add_text(&markings, table[i].texts[t]);
		for (unsigned a = 0; a < 5; a++) {
			const struct gate_question question = {.marking = markings_strictest(markings),
				.unmarked = table[i].unmarked,
				.way = a < 2 ? GATE_TO_SOURCE : GATE_TO_OUTPUT,
				.strict = a == 1,
				.ceiling = a < 2 ? TLP_CLEAR : (enum tlp)(TLP_CLEAR + a - 2)};
			char letter = letter_of(gate_ask(&question));
			if (letter != table[i].answers[a])
				fail_msg("row %u, \"%s\": answer %u is %c, not %c", i,
					table[i].texts[0] ? table[i].texts[0] : "", a, letter, table[i].answers[a]);
		}
	}
}

/* What holds for every pair of markings: a wider ceiling never closes the gate, more restrictive markings never open it, and
 * what passes is not more restrictive than the ceiling. */
static void order(void **state)
{
	(void)state;
	for (unsigned tlp = 0; tlp <= TLP_UNKNOWN; tlp++)
		for (unsigned pap = 0; pap <= PAP_UNKNOWN; pap++)
			for (unsigned ceiling = TLP_CLEAR; ceiling <= TLP_AMBER; ceiling++) {
				struct gate_question q = {.marking = {(enum tlp)tlp, (enum pap)pap},
					.way = GATE_TO_OUTPUT,
					.ceiling = (enum tlp)ceiling};
				bool open = gate_ask(&q) == GATE_OPEN;
				assert_true(!open || (tlp >= TLP_CLEAR && tlp <= ceiling && pap <= PAP_GREEN));
				assert_true(open || tlp < TLP_CLEAR || tlp > ceiling || pap > PAP_GREEN);
				assert_int_equal(open, gate_result_text(gate_ask(&q))[0] == '\0');
			}
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(truth_table), cmocka_unit_test(order)};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
