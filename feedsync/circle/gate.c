/* SPDX-License-Identifier: BSD-3-Clause */
#include "feedsync/circle/gate.h"

/* What a TLP says: to its source, and from which ceiling on to others. */
static const struct {
	enum gate_result to_source;
	bool strict_opens;        /* the source's own word may open it */
	enum gate_result to_none; /* why no ceiling is enough; GATE_OPEN: one of its own TLP is */
} tlp_rows[] = {
	[TLP_NONE] = {GATE_OPEN, false, GATE_UNMARKED},
	[TLP_CLEAR] = {GATE_OPEN, false, GATE_OPEN},
	[TLP_GREEN] = {GATE_OPEN, false, GATE_OPEN},
	[TLP_AMBER] = {GATE_OPEN, false, GATE_OPEN},
	[TLP_AMBER_STRICT] = {GATE_TLP, true, GATE_TLP},
	[TLP_RED] = {GATE_TLP, true, GATE_TLP},
	[TLP_UNKNOWN] = {GATE_UNKNOWN, false, GATE_UNKNOWN},
};

/* What a PAP says. */
static const struct {
	enum gate_result to_source, to_output;
} pap_rows[] = {
	[PAP_NONE] = {GATE_OPEN, GATE_OPEN},
	[PAP_CLEAR] = {GATE_OPEN, GATE_OPEN},
	[PAP_GREEN] = {GATE_OPEN, GATE_OPEN},
	[PAP_AMBER] = {GATE_OPEN, GATE_PAP},
	[PAP_RED] = {GATE_OPEN, GATE_PAP},
	[PAP_UNKNOWN] = {GATE_UNKNOWN, GATE_UNKNOWN},
};

enum gate_result gate_ask(const struct gate_question *q)
{
	enum tlp tlp = q->marking.tlp == TLP_NONE ? q->unmarked : q->marking.tlp;
	enum gate_result result;
	if (q->way == GATE_TO_SOURCE) {
		result = tlp_rows[tlp].strict_opens && q->strict ? GATE_OPEN : tlp_rows[tlp].to_source;
		return result != GATE_OPEN ? result : pap_rows[q->marking.pap].to_source;
	}
	result = tlp_rows[tlp].to_none;
	if (result == GATE_OPEN && tlp > q->ceiling)
		result = GATE_TLP;
	return result != GATE_OPEN ? result : pap_rows[q->marking.pap].to_output;
}

const char *gate_result_text(enum gate_result result)
{
	static const char *const words[] = {[GATE_OPEN] = "",
		[GATE_UNMARKED] = "unmarked",
		[GATE_TLP] = "tlp",
		[GATE_PAP] = "pap",
		[GATE_UNKNOWN] = "unknown"};
	return words[result];
}
