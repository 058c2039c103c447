/* SPDX-License-Identifier: BSD-3-Clause */
/* What lets a blocked name pass: a bypass, while it lasts; and an allow item, once it is published. */
#include <stdio.h>

#include "feedsync/base/wall_clock.h"
#include "feedsync/commands/why_private.h"
#include "feedsync/publish/bypass_file.h"

void explain_bypass(const struct why_query *q)
{
	struct bypass_file bypass;
	char text[BYPASS_FILE_TEXT];
	bypass_file_read(&bypass, q->config->table);
	if (bypass.in_force)
		printf("BYPASS: EVERYTHING PASSES %s; `feedsync bypass off` ends it\n",
			bypass_file_text(&bypass, text));
}

/* Whether the configuration has an allow item for the name that the published table does not know yet. */
static bool has_allow_item(const struct why_query *q)
{
	const struct operator_lists *lists = &q->config->operator_lists;
	for (size_t i = 0; i < lists->count; i++) {
		const struct operator_item *item = &lists->item[i];
		bool above;
		if (item->kind == RULE_ALLOW && !operator_expired(item, wall_now()) &&
			covers_question(q, item->wire, item->length, &above) && !(above && item->scope == SCOPE_EXACT))
			return true;
	}
	return false;
}

void explain_next_command(const struct why_query *q)
{
	char held[256];
	if (has_allow_item(q))
		printf("`allow:` in %s lets it pass, but that is not published yet: ", q->config->path);
	else
		printf("to let it pass: name it under `allow:` in %s, then ", q->config->path);
	printf("`systemctl reload feedsync` or `feedsync sync`");
	if (q->hold.held) {
		hold_text(&q->hold, held);
		printf(", and `feedsync resume`, since the published table is held%s", held);
	}
	putchar('\n');
}
