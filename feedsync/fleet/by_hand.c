/* SPDX-License-Identifier: BSD-3-Clause */
#include "feedsync/fleet/by_hand.h"

#include <stddef.h>
#include <string.h>

#include "feedsync/publish/history.h"
#include "libweir/errors.h"

struct asked {
	uint64_t generation;
	bool by_hand;
};

static void judge_cause(void *context, const struct history_publish *publish)
{
	static const char *const causes[] = {"allow", "block", "unallow", "unblock", "rollback"};
	struct asked *asked = context;
	for (unsigned i = 0; i < sizeof causes / sizeof *causes; i++)
		asked->by_hand |= publish->generation == asked->generation && strcmp(publish->cause, causes[i]) == 0;
}

bool is_published_by_hand(const char *state, uint64_t generation)
{
	struct history *history = NULL;
	struct asked asked = {generation, false};
	struct why why;
	int status = history_open(&history, state, false, &why);
	if (status == 0)
		status = history_publishes(history, generation, 1, judge_cause, &asked, &why);
	history_close(&history);
	return status == 0 && asked.by_hand;
}
