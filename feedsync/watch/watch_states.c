/* SPDX-License-Identifier: BSD-3-Clause */
#include "feedsync/watch/watch_states.h"

#define WATCH_STATE_ROW(constant, key, word, impact, meaning, next) [constant] = {key, word, impact, meaning, next},
static const struct condition_row state_rows[WATCH_STATE_COUNT] = {WATCH_STATES(WATCH_STATE_ROW)};

const struct condition_row *watch_state_row(enum watch_state state)
{
	return &state_rows[state];
}
