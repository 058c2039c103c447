/* SPDX-License-Identifier: BSD-3-Clause */
/* The self-test: a name that every table that is published blocks for everybody, whatever the feeds say. Who asks
 * a resolver for it learns whether blocking works there, from the first feed to the last packet, and by which
 * table.
 *
 * The name lies under `example`, which nobody will ever have (RFC 6761). Not under `invalid`: Unbound, like
 * others, answers names there by itself, before any module sees them. Tables made by `compile` do not carry it:
 * they hold what is in their files. */
#pragma once

#include <stdbool.h>

#include "feedsync/entries/reserved_names.h"
#include "feedsync/entries/rule.h"
#include "libweir/attributes.h"
#include "libweir/policy.h"

struct build;

#define SELF_TEST_NAME "self-test.weir.example"

struct self_test {
	struct feed_policy *feeds;
	struct category_policy *categories;
	struct group_policy *groups;
	struct source source;
};

/* Gives a policy one more feed and one more category, both SELF_TEST_FEED, whose action is nxdomain for every
 * group. The policy's lists are borrowed from `test` then, until self_test_end. */
void self_test_begin(struct self_test *test, struct policy *policy);
void self_test_end(struct self_test *test);

/* Whether a rule of whatever kind would say something of the self-test's name, or of one below it. None may: a
 * feed, or the operator, would make `probe` say that nothing is blocked, or that nobody answers. Any thread. */
bool self_test_reached(const struct rule *rule);

/* Adds the rule. Returns as build_add does. */
must_check int self_test_add(const struct self_test *test, struct build *build);
