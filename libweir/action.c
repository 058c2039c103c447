/* SPDX-License-Identifier: BSD-3-Clause */
#include "libweir/action.h"

#include <string.h>

static const struct {
	const char *word;
	enum action_need needs;
} rows[ACTION_COUNT] = {
#define X(name, word, needs) [ACTION_##name] = {word, needs},
	ACTIONS(X)
#undef X
};

const char *action_text(enum action action)
{
	return action < ACTION_COUNT ? rows[action].word : NULL;
}

int action_from_text(const char *text, enum action *action)
{
	for (enum action a = 0; a < ACTION_COUNT; a++) {
		if (strcmp(text, rows[a].word) == 0) {
			*action = a;
			return 0;
		}
	}
	return -1;
}

enum action_need action_need(enum action action)
{
	return action < ACTION_COUNT ? rows[action].needs : NEEDS_NOTHING;
}
