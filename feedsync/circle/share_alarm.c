/* SPDX-License-Identifier: BSD-3-Clause */
/* What keeps a list from being released: too much of it goes, or comes, at once. Items whose own
 * expiry has come do not count, nor does what must not be told any more: by its marking, the guard, or since it is let pass
 * here. */
#include "feedsync/circle/share_alarm.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "libweir/errors.h"
#include "libweir/memory_text.h"

enum { ALARM_MIN_ITEMS = 10 /* fewer that go, or come, are an alarm only where nothing is left */ };

bool share_alarm(const struct listing_counts *counts, struct why *why)
{
	uint64_t gone = counts->withdrawn > counts->added ? counts->withdrawn - counts->added : 0;
	gone = gone > counts->freed ? gone - counts->freed : 0;
	const unsigned long long before = counts->before, live = counts->live;
	why->text[0] = '\0';
	bool shrinks = gone >= ALARM_MIN_ITEMS && gone > before / 2;
	bool grows = before > 0 && live >= before + ALARM_MIN_ITEMS && live / 3 > before;
	if (before > 0 && live == 0 && gone > 0)
		why_set(why, 0, "nothing would be left of %llu names", before);
	else if (shrinks || grows)
		why_set(why, 0, "it would have %llu names instead of %llu", live, before);
	return why->text[0] != '\0';
}

/* Returns whether all was printed: a stream in memory that cannot grow does not say so by ferror. */
static bool print_content(FILE *out, const struct release *release)
{
	const struct output *output = release->output;
	const struct organisation *organisation = release->organisation;
	bool names_only = rendering_find(output->format)->names_only;
	bool well = fprintf(out, "%s\n%s\n%s\n%s\n%s\n%s\n%s\n%s\n", organisation->name, organisation->uuid,
			    organisation->contact, output->name, output->format, tlp_text(output->ceiling),
			    output->zone ? output->zone : "", release->signer) >= 0;
	for (size_t i = 0; i < release->count; i++) {
		const struct item *item = &release->items[i];
		if (names_only && item->state == ITEM_LIVE &&
			(i == 0 || release->items[i - 1].state != ITEM_LIVE || !item_is_same_rule(item - 1, item)))
			well &= fprintf(out, "%s %d\n", item->name, (int)item->scope) >= 0;
		else if (!names_only)
			well &= fprintf(out, "%s %s %d %llu %llu %s\n", item->uuid, item->event, (int)item->state,
					(unsigned long long)item->changed_at, (unsigned long long)item->expires_at,
					item->reason) >= 0;
	}
	return well;
}

int share_content(char sum[FILE_SUM], const struct release *release)
{
	char *text = NULL;
	size_t length = 0;
	FILE *out = open_memstream(&text, &length);
	if (!out)
		return -ENOMEM;
	bool well = print_content(out, release);
	if (!memory_text_close(out, &text) || !well) {
		free(text);
		return -ENOMEM;
	}
	text_sum(sum, text, length);
	free(text);
	return 0;
}
