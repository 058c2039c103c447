/* SPDX-License-Identifier: BSD-3-Clause */
#include "feedsync/circle/withheld.h"

static const struct {
	const char *word, *text;
} withheld_rows[] = {{"", ""},
#define WITHHELD_ROW(name, word, sentence) {word, sentence},
	EACH_WITHHELD(WITHHELD_ROW)
#undef WITHHELD_ROW
};

const char *withheld_word(enum withheld withheld)
{
	return withheld_rows[withheld].word;
}

const char *withheld_text(enum withheld withheld)
{
	return withheld_rows[withheld].text;
}

enum withheld withheld_by_gate(enum gate_result result)
{
	static const enum withheld reasons[] = {[GATE_OPEN] = WITHHELD_NOT,
		[GATE_UNMARKED] = WITHHELD_UNMARKED,
		[GATE_TLP] = WITHHELD_TLP,
		[GATE_PAP] = WITHHELD_PAP,
		[GATE_UNKNOWN] = WITHHELD_UNKNOWN};
	return reasons[result];
}
