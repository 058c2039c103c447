/* SPDX-License-Identifier: BSD-3-Clause */
#include "feedsync/entries/parse_counts.h"

#include <inttypes.h>
#include <stddef.h>
#include <stdio.h>

uint64_t counts_rejected(const struct parse_counts *counts)
{
	uint64_t sum = 0;
	for (enum reject r = 0; r < REJECT_COUNT; r++)
		sum += counts->rejected[r];
	return sum;
}

static uint64_t count_signs(const struct parse_counts *counts, enum reject_sign sign)
{
	uint64_t sum = 0;
	for (enum reject r = 0; r < REJECT_COUNT; r++)
		sum += reject_sign(r) == sign ? counts->rejected[r] : 0;
	return sum;
}

uint64_t counts_malformed(const struct parse_counts *counts)
{
	return count_signs(counts, SIGN_MALFORMED);
}

uint64_t counts_withdrawn(const struct parse_counts *counts)
{
	return count_signs(counts, SIGN_WITHDRAWN);
}

bool counts_unread(const struct parse_counts *counts)
{
	uint64_t malformed = counts_malformed(counts);
	return counts->entries <= malformed && (malformed > 0 || counts_rejected(counts) == 0);
}

/* The next reason behind `after`: the order is by count, then that of the enum. REJECT_COUNT as `after` begins; as the
 * result it means that none is left. */
static enum reject next_reason(const struct parse_counts *counts, enum reject after)
{
	enum reject next = REJECT_COUNT;
	for (enum reject r = 0; r < REJECT_COUNT; r++) {
		uint64_t n = counts->rejected[r], limit = after < REJECT_COUNT ? counts->rejected[after] : UINT64_MAX;
		if (n == 0 || n > limit || (n == limit && r <= after))
			continue;
		if (next == REJECT_COUNT || n > counts->rejected[next])
			next = r;
	}
	return next;
}

const char *counts_reasons(const struct parse_counts *counts, char text[COUNTS_REASONS])
{
	enum { TOLD = 3 }; /* the rest is in the count */
	text[0] = '\0';
	if (counts_rejected(counts) == 0)
		return text;
	size_t used = (size_t)snprintf(text, COUNTS_REASONS, "%" PRIu64 " rejected", counts_rejected(counts));
	enum reject r = next_reason(counts, REJECT_COUNT);
	for (unsigned i = 0; i < TOLD && r < REJECT_COUNT && used < COUNTS_REASONS; i++, r = next_reason(counts, r))
		used += (size_t)snprintf(text + used, COUNTS_REASONS - used, "%s%" PRIu64 " %s", i == 0 ? ": " : "; ",
			counts->rejected[r], reject_text(r));
	if (used < COUNTS_REASONS && counts->first.text[0])
		snprintf(text + used, COUNTS_REASONS - used, "; for example %.100s", counts->first.text);
	return text;
}
