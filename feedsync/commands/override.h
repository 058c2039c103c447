/* SPDX-License-Identifier: BSD-3-Clause */
/* What `allow`, `block`, `unallow` and `unblock` share: each changes one override (overrides.h) and amends the published table
 * (amend.h), so that the change is in force at once. Nothing here waits for a feed, or for `feedsync run`. */
#pragma once

#include "feedsync/commands/command.h"

/* The name, the reason and the end, for the commands that give an override. */
int override_check_given(const struct invocation *invocation);
/* The name, for those that take one back. */
int override_check_taken(const struct invocation *invocation);

int override_give(const struct invocation *invocation, enum rule_kind kind);
int override_take_back(const struct invocation *invocation, enum rule_kind kind);

/* What the rows of these commands have in common. */
#define OVERRIDE_EXITS                                                                                                 \
	{                                                                                                              \
		{EXIT_WELL, "done, and in force in every resolver here"},                                              \
			{EXIT_ATTENTION, "done, but not in force everywhere yet: the message says where and why"},     \
			{EXIT_TROUBLE, "not done"},                                                                    \
	}
#define OVERRIDE_OPTIONS                                                                                               \
	{                                                                                                              \
		{"--reason", "TEXT", NULL, "why, for whoever comes next"},                                             \
			{"--until", "TIME", NULL,                                                                      \
				"when it ends by itself: 2026-12-24 (that day's end, UTC) or 2026-12-24T08:00Z"},      \
			{"--exact", NULL, NULL, "only the name itself, not what is below"}, OVERRIDE_JSON,             \
	}
#define OVERRIDE_JSON                                                                                                  \
	{                                                                                                              \
		"--json", NULL, NULL, "print JSON, also where nothing could be done"                                   \
	}
