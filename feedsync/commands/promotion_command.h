/* SPDX-License-Identifier: BSD-3-Clause */
/* What `promote`, `halt` and `resume` have in common: the channels that are promoted from another one. */
#pragma once

#include "feedsync/commands/command.h"

struct channel;
struct why;

/* Decides something of a channel, as the functions of promotion.h do. `by`: who does it. */
typedef int promotion_act(
	const struct invocation *invocation, const struct channel *channel, const char *by, struct why *why);

/* Does it for the channel that is named, or for all if none is, and gives the channels what they should have then. Returns the
 * exit code. */
int promotion_command(const struct invocation *invocation, promotion_act *act);
