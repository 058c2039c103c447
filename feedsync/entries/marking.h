/* SPDX-License-Identifier: BSD-3-Clause */
/* Markings: who may be told of an entry (the Traffic Light Protocol, TLP), and what may be done with it (the Permissible
 * Actions Protocol, PAP). They are ordered: of several the most restrictive counts. A word that is not known is more
 * restrictive than any that is. */
#pragma once

#include <stdbool.h>

#include "libweir/attributes.h"

enum tlp {
	TLP_NONE, /* it is not marked */
	TLP_CLEAR,
	TLP_GREEN,
	TLP_AMBER,
	TLP_AMBER_STRICT,
	TLP_RED,
	TLP_UNKNOWN, /* "tlp:" with another word, or "tlp:ex:chr": for certain people only */
};

enum pap {
	PAP_NONE,
	PAP_CLEAR,
	PAP_GREEN,
	PAP_AMBER,
	PAP_RED,
	PAP_UNKNOWN,
};

struct marking {
	enum tlp tlp;
	enum pap pap;
};

/* "clear", "green", "amber", "amber+strict", "red"; "none" and "unknown" for what is not one of these. */
const char *tlp_text(enum tlp tlp);
const char *pap_text(enum pap pap);

/* Reads such a word, in any case. "white" is "clear", its older name. Returns whether it is one of the five, or of the four. */
must_check bool tlp_from_text(const char *text, enum tlp *tlp);
must_check bool pap_from_text(const char *text, enum pap *pap);

/* The more restrictive of two. */
struct marking marking_strictest(struct marking a, struct marking b);
