/* SPDX-License-Identifier: BSD-3-Clause */
#include "feedsync/circle/withheld.h"

#include "feedsync/base/json.h"

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

struct node *withheld_json(const uint64_t counts[WITHHELD_COUNT])
{
	struct node *object = node_object();
	for (enum withheld w = WITHHELD_NOT + 1; w < WITHHELD_COUNT; w++)
		if (counts[w] > 0)
			node_put(object, withheld_word(w), node_from_number(counts[w]));
	return object;
}

void withheld_from_json(uint64_t counts[WITHHELD_COUNT], const struct node *object)
{
	for (enum withheld w = WITHHELD_NOT + 1; w < WITHHELD_COUNT; w++)
		counts[w] = node_number_at(object, withheld_word(w));
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
