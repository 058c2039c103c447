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

/* The words of each protocol that an entry is marked with, wherever they stand: of its event, of itself, of a part of it. A bit
 * a word, 1 << enum tlp or 1 << enum pap. */
struct markings {
	unsigned tlp, pap;
};

#define TLP_BIT(tlp) (1U << (tlp))
#define PAP_BIT(pap) (1U << (pap))

/* Adds the marking that a text begins with, if it begins with one: a tag of MISP, a label, a statement. People write it in many
 * ways: "tlp:amber+strict", "TLP: AMBER + STRICT", `pap="red"`, "TLP:GREEN, only for ...". */
void markings_add_text(struct markings *markings, const char *text);

/* The same of a value that is TLP's alone: "red", "amber+strict". */
void markings_add_tlp(struct markings *markings, const char *text);

void markings_add(struct markings *markings, struct markings others);

/* Whether a word of theirs forbids to act upon the entry for others: TLP:RED and TLP:AMBER+STRICT are not for an organisation's
 * clients, PAP:RED and PAP:AMBER allow passive use only. */
bool markings_tlp_forbids(struct markings markings);
bool markings_pap_forbids(struct markings markings);

/* The most restrictive of them. */
struct marking markings_strictest(struct markings markings);

/* "clear", "green", "amber", "amber+strict", "red"; "none" and "unknown" for what is not one of these. */
const char *tlp_text(enum tlp tlp);
const char *pap_text(enum pap pap);

/* Reads such a word, in any case. "white" is "clear", its older name. Returns whether it is one of the five, or of the four. */
must_check bool tlp_from_text(const char *text, enum tlp *tlp);
must_check bool pap_from_text(const char *text, enum pap *pap);
