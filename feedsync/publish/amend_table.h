/* SPDX-License-Identifier: BSD-3-Clause */
/* Making a table again of another table's rules, with other items of the operator. */
#pragma once

#include <stdbool.h>

#include "feedsync/compile/compile.h"
#include "feedsync/config/configuration.h"
#include "libweir/attributes.h"

struct overrides;
struct why;

/* Finds where a policy has the operator's rules. Returns 0; -ENOTSUP with the reason where it is of a feedsync that knew no
 * overrides. */
must_check int amend_find_sources(struct operator_lists *lists, const struct policy *policy, struct why *why);

/* Whether a table has the rule of an item. */
bool amend_has_item(const struct table *table, const struct operator_item *item);

/* Writes the table to `fd`: the feeds' rules of `rules_of`, the items of the configuration's lists, and what `compile` has
 * already: policy, key, options, overrides. `sources`: where the policy has the operator's rules. Returns as compile_table. */
must_check int amend_from_table(struct compile *compile, const struct config *config, const struct table *rules_of,
	const struct operator_lists *sources, int fd, struct build_result *result, struct why *why);

/* Makes a table again so that it lets pass what is allowed by command now, and blocks nothing that it did not block. So of the
 * operator's rules it keeps each allow, and each block that is still given; and it gets each allow of `overrides`. It is
 * published nowhere. Returns as compile_table; -ENOTSUP as amend_find_sources. */
must_check int amend_to_pass(const struct config *config, const struct table *base, const struct overrides *overrides,
	uint64_t generation, int fd, struct build_result *result, struct why *why);
