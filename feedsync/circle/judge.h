/* SPDX-License-Identifier: BSD-3-Clause */
/* What may be told to others of a name, whoever it is told to: nothing of what is let pass here, of what is our own, of what no
 * feed may block, and of what the published table does not block. */
#pragma once

#include <stdint.h>

#include "feedsync/circle/withheld.h"
#include "feedsync/config/configuration.h"
#include "feedsync/entries/rule.h"
#include "feedsync/feeds/feed_walk.h"
#include "libweir/attributes.h"

struct guard;
struct table;
struct why;

struct judge {
	const struct config *config;
	struct guard *guard;
	struct table *table;
	struct feed_walk walk;
	struct nameset
		allowed; /* what is let pass by name: by the configuration, by command, by feeds, in the table; sorted */
};

/* Reads the guard's lists, the published table, the overrides and what feeds let pass. Returns 0; or a negative code with the
 * reason, and then nothing may be told. judge_end must follow in either case. */
must_check int judge_begin(struct judge *judge, const struct config *config, uint64_t now, struct why *why);
void judge_end(struct judge *judge);

/* Why others may not be told of a rule that a feed has, or the operator, by its number in the table's policy; WITHHELD_NOT:
 * they may. A feed's exceptions from its own list are the caller's to look at where they stand below a subtree. */
enum withheld judge_rule(const struct judge *judge, const struct rule *rule, uint32_t feed);
