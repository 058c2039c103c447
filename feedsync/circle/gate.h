/* SPDX-License-Identifier: BSD-3-Clause */
/* The gate: whether what we know from others may be told, and to whom. Its one table holds what TLP 2 and PAP say; what is
 * not known is not told. A marking that goes out is never less restrictive than the one that came in. Pure: any thread. */
#pragma once

#include <stdbool.h>

#include "feedsync/entries/marking.h"

/* Who is told. */
enum gate_way {
	GATE_TO_SOURCE, /* back to who told us: they know the name */
	GATE_TO_OUTPUT, /* others, of an output with a ceiling: the name itself, or that it was hit */
};

enum gate_result {
	GATE_OPEN,
	GATE_UNMARKED, /* nothing says who may be told */
	GATE_TLP,      /* the ceiling is lower, or the source does not want it to be talked about */
	GATE_PAP,      /* recipients would act upon it, which they must not */
	GATE_UNKNOWN,  /* a word that we do not know, or that is for certain people only */
};

struct gate_question {
	struct marking marking; /* of the entry: the most restrictive of all that it has */
	enum tlp unmarked;      /* what an entry without TLP counts as; TLP_NONE: nothing */
	enum gate_way way;
	enum tlp ceiling; /* of the output */
	bool strict;      /* TLP:AMBER+STRICT and TLP:RED may be talked about with the source itself */
};

enum gate_result gate_ask(const struct gate_question *question);

/* One word: "unmarked", "tlp", "pap", "unknown"; "" of an open gate. */
const char *gate_result_text(enum gate_result result);
