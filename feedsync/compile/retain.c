/* SPDX-License-Identifier: BSD-3-Clause */
#include "feedsync/compile/retain.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "feedsync/base/log.h"
#include "feedsync/base/xalloc.h"
#include "feedsync/compile/compile_struct.h"
#include "feedsync/entries/reserved_names.h"
#include "libweir/errors.h"
#include "libweir/table.h"

#define ABSENT UINT16_MAX

struct retain {
	struct build *build;
	const struct policy *from;
	const struct guard *guard; /* may be NULL */
	uint16_t *feed;            /* by feed of the old policy: its number in the new one, or ABSENT */
	const struct policy *to;
	uint16_t *category;      /* the same for categories */
	const uint16_t *instead; /* for each feed of the new policy: the category that its rules get then */
	uint64_t *kept, *lost;   /* rules that came from each feed, and rules that can come from none */
	bool all;                /* the new table has nothing else of the feeds */
	struct why *why;
};

static bool was_read(const struct compile *compile, uint32_t feed)
{
	for (size_t i = 0; i < compile->feed_count; i++)
		if (compile->feeds[i].source.feed == feed)
			return !compile->feeds[i].unread;
	return false;
}

/* Numbers feeds and categories. Returns whether there is a feed whose rules are to be taken over. */
static bool number_sources(struct retain *r, const struct compile *compile)
{
	const struct policy *to = &compile->policy;
	bool any = false;
	for (uint32_t i = 0; i < r->from->feed_count; i++) {
		const char *name = r->from->feeds[i].name;
		bool anew = strcmp(name, OPERATOR_FEED) == 0 || strcmp(name, SELF_TEST_FEED) == 0;
		uint32_t number = policy_find_feed(to, name);
		bool taken = !anew && number < to->feed_count && !was_read(compile, number);
		r->feed[i] = taken ? (uint16_t)number : ABSENT;
		any |= taken;
	}
	for (uint32_t i = 0; i < r->from->category_count; i++) {
		uint32_t number = policy_find_category(to, r->from->categories[i].name);
		r->category[i] = number < to->category_count ? (uint16_t)number : ABSENT;
	}
	return any;
}

/* Whether a rule is out of force because its own feed has an exception for it. The exception itself may not be in the
 * table. */
static bool is_excepted(const struct verdict *verdict, const struct own_source *own)
{
	return own->kind == RULE_BLOCK && verdict->decision != DECISION_ALLOW &&
	       !verdict_blocks_for(verdict, own->source);
}

/* Whether a rule would reach the self-test, or block infrastructure that the operator may just have named. */
static bool is_forbidden(const struct retain *r, const struct table_rule *from, enum scope scope, enum rule_kind kind)
{
	const struct rule rule = {from->wire, from->wire_length, scope, kind};
	return self_test_reached(&rule) || guard_refuses_own(r->guard, &rule);
}

/* Finds a rule's category in the new policy: the same one or, where that is gone, its feed's own. Then a rule that
 * blocked must not begin to allow, nor the other way round. */
static bool find_category(const struct retain *r, const struct own_source *own, struct source *new)
{
	if (new->category != ABSENT)
		return true;
	new->category = r->instead[new->feed];
	return own->kind == RULE_EXCEPT ||
	       (own->kind == RULE_ALLOW) == (r->to->categories[new->category].action == ACTION_ALLOW);
}

static int retain_verdict(
	const struct retain *r, const struct table_rule *rule, enum scope scope, const struct verdict *verdict)
{
	for (unsigned i = 0; i < verdict->own_count; i++) {
		struct source old = verdict->own[i].source, new = {r->feed[old.feed], r->category[old.category]};
		if (new.feed == ABSENT || is_excepted(verdict, &verdict->own[i]) ||
			is_forbidden(r, rule, scope, verdict->own[i].kind))
			continue;
		if (!find_category(r, &verdict->own[i], &new)) {
			r->lost[old.feed]++;
			continue;
		}
		int status = build_add(r->build, rule->wire, rule->wire_length, scope, verdict->own[i].kind, new);
		if (status != 0)
			return why_set(r->why, status, "%s", error_text(status));
		r->kept[old.feed]++;
	}
	return 0;
}

static int retain_rule(void *context, const struct table_rule *rule)
{
	const struct retain *r = context;
	struct class class = r->from->classes[rule->class];
	int status = retain_verdict(r, rule, SCOPE_EXACT, &r->from->verdicts[class.exact]);
	return status == 0 ? retain_verdict(r, rule, SCOPE_SUBTREE, &r->from->verdicts[class.subtree]) : status;
}

static void log_retained(const struct retain *r)
{
	for (uint32_t i = 0; i < r->from->feed_count; i++) {
		const char *name = r->from->feeds[i].name;
		if (r->kept[i] > 0 && !r->all)
			log_warning("feed %s: %llu rules of the published table stay", name,
				(unsigned long long)r->kept[i]);
		if (r->lost[i] > 0)
			log_warning("feed %s: %llu rules of the published table go with their category", name,
				(unsigned long long)r->lost[i]);
	}
}

int retain_rules(struct build *build, const struct compile *compile, struct why *why)
{
	const struct policy *from = table_policy(compile->retained);
	struct retain r = {.build = build,
		.from = from,
		.guard = compile->guard,
		.feed = xcalloc(from->feed_count, sizeof *r.feed),
		.to = &compile->policy,
		.instead = compile->categories,
		.category = xcalloc(from->category_count, sizeof *r.category),
		.kept = xcalloc(from->feed_count, sizeof *r.kept),
		.lost = xcalloc(from->feed_count, sizeof *r.lost),
		.all = compile->feed_count == 0,
		.why = why};
	int status = 0;
	if (number_sources(&r, compile))
		status = table_each(compile->retained, retain_rule, &r, why);
	if (status == 0)
		log_retained(&r);
	free(r.feed);
	free(r.category);
	free(r.kept);
	free(r.lost);
	return status;
}
