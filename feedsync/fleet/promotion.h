/* SPDX-License-Identifier: BSD-3-Clause */
/* Promotion: a channel (`promote-from`) gets a table that another channel has, its canaries' channel, when these have been
 * healthy with it for the whole time `promote-after` (promotion_judge.h says what that is). Canaries that are unhealthy halt it
 * by itself: their channel goes back to the promoted table (table_source.h), the channel keeps it, and nothing new comes to
 * either of them until the operator has looked: he resumes or promotes by hand. Were newer tables tried meanwhile, the customers
 * behind the canaries would have each bad table anew.
 *
 * What is decided is written down first (promotion_record.h); the channels follow (distribute.h), and catch up after a crash. */
#pragma once

#include "feedsync/fleet/health_names.h"
#include "libweir/attributes.h"

struct channel;
struct config;
struct why;

/* Looks at the canaries, judges, decides. It takes seconds. What it finds is logged where it has changed. */
void promotion_look(const struct config *config, const struct channel *channel, const struct health_names *names);

/* By hand. Each returns 0, or a negative code with the reason, and nothing has changed. `by`: who does it. */

/* Promotes the published table at once, and ends a halt. -EALREADY: it is promoted, and nothing is halted. */
must_check int promotion_promote(
	const struct config *config, const struct channel *channel, const char *by, struct why *why);

/* Does it for all channels that are promoted; a failure is logged. */
void promotion_promote_all(const struct config *config, const char *by);

/* -EALREADY: it is halted. */
must_check int promotion_halt(const struct config *config, const struct channel *channel, const char *by,
	const char *reason, struct why *why);

/* Ends a halt: the canaries get the published table again, which has to prove itself. -EALREADY: it is not halted. */
must_check int promotion_resume(const struct config *config, const struct channel *channel, struct why *why);
