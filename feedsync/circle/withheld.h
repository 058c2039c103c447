/* SPDX-License-Identifier: BSD-3-Clause */
/* Why an entry that could be published to others, or told of as hit, is not. A line each: the name, the word for logs, JSON and metrics, and what
 * it means. */
#pragma once

#include <stdint.h>

#include "feedsync/circle/gate.h"

/* clang-format off */
#define EACH_WITHHELD(row) \
	row(UNMARKED, "unmarked", "nothing says who may be told") \
	row(TLP, "tlp", "its TLP forbids it") \
	row(PAP, "pap", "its PAP forbids to act upon it") \
	row(UNKNOWN, "unknown-marking", "it has a marking that is not known") \
	row(OWN, "own", "it is, or reaches, your own infrastructure (guard: own)") \
	row(ALLOWED, "allowed", "it, or a name below it, is let pass here") \
	row(GUARDED, "guarded", "no feed may block it") \
	row(NOT_IN_FORCE, "not-in-force", "the published table does not block it by this source") \
	row(TRIAL, "trial", "it is only counted here (action: log)") \
	row(BELOW, "below", "only what is below the name is meant") \
	row(TOP_LEVEL, "top-level", "it is a top-level domain") \
	row(UNFIT, "unfit", "the format cannot hold it") \
	row(FEW, "few", "too few clients hit it") \
	row(GONE, "gone", "no list has it any more") \
	row(NO_IDENTIFIER, "no-identifier", "its list gives it no identifier") \
	row(MAX, "max", "there are more sightings of the day than may be told")
/* clang-format on */

enum withheld {
	WITHHELD_NOT,
#define WITHHELD_ENUM(name, word, sentence) WITHHELD_##name,
	EACH_WITHHELD(WITHHELD_ENUM)
#undef WITHHELD_ENUM
		WITHHELD_COUNT
};

/* The word; "" for what is not withheld. */
const char *withheld_word(enum withheld withheld);

/* What it means. */
const char *withheld_text(enum withheld withheld);

struct node;

/* How many are withheld, by reason, as a JSON object of those that any are, which the caller frees; and back. */
struct node *withheld_json(const uint64_t counts[WITHHELD_COUNT]);
void withheld_from_json(uint64_t counts[WITHHELD_COUNT], const struct node *object);

/* Why a gate is not open. */
enum withheld withheld_by_gate(enum gate_result result);
