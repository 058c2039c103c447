/* SPDX-License-Identifier: BSD-3-Clause */
/* What came of one parse: how many entries became rules, how many did not and why, and examples of these. All of
 * it is plain data without a pointer: a process that parses hands it back in shared memory. Counts are small and
 * are copied; examples are large, and only who shows them to people asks for them. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "feedsync/base/maxima.h"
#include "feedsync/entries/reject.h"

/* A rejected entry, as an example. */
struct sample {
	enum reject reject;
	char text[MAX_SAMPLE_TEXT + 1]; /* position and entry, printable */
};

/* A zeroed one has counted nothing. */
struct parse_counts {
	uint64_t entries; /* rules handed on */
	uint64_t octets;  /* of their names */
	uint64_t nodes;   /* that a table may need for them: one for each label but the last (libweir/format.h) */
	uint64_t rejected[REJECT_COUNT];
	uint64_t not_freed; /* of the rejected ones: entries that should free names, and are not understood */
	struct sample not_freed_first; /* the first of them */
	uint64_t damaged;              /* documents of the feed that could not be read: what they held is missing */
	bool blank;          /* there was nothing to read: no octet, or none but blanks where those mean nothing */
	struct sample first; /* the first rejected entry, "" = none: there may be no other example */
};

/* Examples: the first few entries of each reason (reject_samples). */
struct samples {
	unsigned count;
	struct sample sample[MAX_SAMPLES];
};

/* Both, where somebody is going to see them. */
struct parse_report {
	struct parse_counts counts;
	struct samples samples;
};

uint64_t counts_rejected(const struct parse_counts *counts);
uint64_t counts_malformed(const struct parse_counts *counts); /* of these: SIGN_MALFORMED (reject.h) */
uint64_t counts_withdrawn(const struct parse_counts *counts); /* of these: SIGN_WITHDRAWN */

/* Whether most of it was not understood. Where all was understood, and nothing left, the settings are right. */
bool counts_unread(const struct parse_counts *counts);

enum { COUNTS_REASONS = 160 };
/* Why entries were not used, in a line that is cut to fit: "21 rejected: 20 IP address, not a name; 1 single
 * label; for example l:3: 192.0.2.1". "" where all were. Returns `text`. */
const char *counts_reasons(const struct parse_counts *counts, char text[COUNTS_REASONS]);
