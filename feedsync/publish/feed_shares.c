/* SPDX-License-Identifier: BSD-3-Clause */
#include "feedsync/publish/feed_shares.h"

#include <stdlib.h>
#include <string.h>

#include "feedsync/base/xalloc.h"
#include "feedsync/config/configuration.h"
#include "feedsync/config/operator_lists.h"
#include "feedsync/entries/self_test.h"
#include "feedsync/guard/guard.h"
#include "libweir/table.h"

#define NOBODY UINT16_MAX /* stands for the operator, the self-test, or a feed without a share */

static bool has_share(const struct feed_shares *shares, const char *name)
{
	for (size_t i = 0; i < shares->count; i++)
		if (strcmp(shares->share[i].name, name) == 0)
			return true;
	return strcmp(name, OPERATOR_FEED) == 0 || strcmp(name, SELF_TEST_FEED) == 0;
}

void feed_shares_begin(struct feed_shares *shares, const struct config *config, const struct table *published)
{
	const struct policy *policy = published ? table_policy(published) : NULL;
	*shares = (struct feed_shares){0};
	shares->share = xcalloc(config->feed_count + (policy ? policy->feed_count : 0), sizeof *shares->share);
	for (size_t i = 0; i < config->feed_count; i++)
		shares->share[shares->count++] =
			(struct feed_share){.name = config->feeds[i].name, .limits = &config->feeds[i].limits};
	for (uint32_t i = 0; policy && i < policy->feed_count; i++)
		if (!has_share(shares, policy->feeds[i].name))
			shares->share[shares->count++] = (struct feed_share){.name = policy->feeds[i].name};
}

void feed_shares_end(struct feed_shares *shares)
{
	free(shares->share);
	*shares = (struct feed_shares){0};
}

bool feed_shares_taken_out(const struct feed_shares *shares)
{
	for (size_t i = 0; i < shares->count; i++)
		if (!shares->share[i].limits && shares->share[i].before > 0)
			return true;
	return false;
}

/* ---- counting ---- */

struct counting {
	struct feed_shares *shares;
	const struct table *here, *there; /* there: NULL when the new table is counted */
	const struct guard *guard;
	uint16_t *share;  /* of each feed of `here` */
	uint16_t *number; /* in `there`, of each feed of `here`; or NOBODY */
	uint16_t *freer;  /* the share of each feed of `there` */
};

/* A name of a table, and the verdicts for it and for what is below it. */
struct named {
	const uint8_t *wire;
	size_t length;
	unsigned nodes;
	const struct verdict *side[2]; /* of the name, and of what is below it */
};

static bool is_in_force(const struct verdict *verdict, const struct own_source *own)
{
	return own->kind == RULE_ALLOW ? verdict->decision == DECISION_ALLOW
				       : own->kind == RULE_BLOCK && verdict_blocks_for(verdict, own->source);
}

/* Whether the other table blocks the name, or all below it, for a feed. */
static bool blocks_there(const struct verdict *there, uint16_t feed)
{
	for (unsigned i = 0; there && i < there->effective_count; i++)
		if (there->effective[i].feed == feed)
			return true;
	return false;
}

/* The number of a feed whose allow rule stands at this place of the other table, or NOBODY. */
static uint16_t allows_at(const struct counting *c, const struct named *n, size_t offset, enum scope scope)
{
	bool own = false;
	const struct verdict *v = table_verdict(c->there, n->wire + offset, n->length - offset, scope, &own);
	for (unsigned i = 0; v && own && i < v->own_count; i++)
		if (v->own[i].kind == RULE_ALLOW)
			return v->own[i].source.feed;
	return NOBODY;
}

/* The share of the feed whose allow rule frees the name in the other table; NOBODY for the operator's. */
static uint16_t find_freer(const struct counting *c, const struct named *n)
{
	struct name_labels labels;
	uint16_t feed = allows_at(c, n, 0, SCOPE_EXACT);
	if (name_split(n->wire, n->length, &labels) != 0)
		return NOBODY;
	for (unsigned first = 0; feed == NOBODY && first + 1 < labels.count; first++)
		feed = allows_at(c, n, labels.offset[first], SCOPE_SUBTREE);
	return feed == NOBODY ? NOBODY : c->freer[feed];
}

static bool is_allowed(const struct verdict *verdict)
{
	return verdict && verdict->decision == DECISION_ALLOW;
}

/* Notes a name that a feed blocked, and that nothing blocks for the feed any more. Finds out who caused that. */
static void note_end(
	const struct counting *c, const struct named *n, enum scope scope, bool allowed, struct feed_share *share)
{
	const struct rule rule = {n->wire, n->length, scope, RULE_BLOCK};
	bool own = !allowed && guard_refuses_own(c->guard, &rule);
	uint16_t freer = allowed ? find_freer(c, n) : NOBODY;
	share->gone += !allowed && !own;
	share->overruled += allowed || own;
	if (freer != NOBODY)
		c->shares->share[freer].freed++;
	else
		c->shares->taken += allowed || own;
}

/* Notes what became of a name that a feed held. In most cases the feed still holds it, by the same rule. */
static void note_fate(const struct counting *c, const struct named *n, enum scope scope, const struct own_source *own)
{
	struct feed_share *share = &c->shares->share[c->share[own->source.feed]];
	uint16_t feed = c->number[own->source.feed];
	bool at;
	share->before++;
	share->nodes_before += n->nodes;
	const struct verdict *one = table_verdict(c->there, n->wire, n->length, scope, &at);
	if (own->kind == RULE_BLOCK ? blocks_there(one, feed) : is_allowed(one))
		return;
	enum scope other = scope == SCOPE_EXACT ? SCOPE_SUBTREE : SCOPE_EXACT;
	const struct verdict *two = table_verdict(c->there, n->wire, n->length, other, &at);
	bool allowed = is_allowed(one) || is_allowed(two);
	if (own->kind == RULE_ALLOW)
		share->gone += !allowed;
	else if (scope == SCOPE_EXACT || !blocks_there(two, feed)) /* for an exact rule, `two` is no substitute */
		note_end(c, n, scope, allowed, share);
}

/* Whether the feed of an own source is among the sources before it. Then the name is already counted for that feed. */
static bool was_met(const struct named *n, unsigned side, unsigned at)
{
	for (unsigned s = 0; s <= side; s++) {
		const struct verdict *v = n->side[s];
		for (unsigned i = 0; v && i < (s == side ? at : v->own_count); i++)
			if (v->own[i].source.feed == n->side[side]->own[at].source.feed && is_in_force(v, &v->own[i]))
				return true;
	}
	return false;
}

static void note_now(struct feed_share *share, const struct named *n)
{
	share->now++;
	share->nodes_now += n->nodes;
}

static void count_name(const struct counting *c, const struct named *n)
{
	for (unsigned side = 0; side < 2; side++) {
		const struct verdict *v = n->side[side];
		for (unsigned i = 0; v && i < v->own_count; i++) {
			uint16_t share = c->share[v->own[i].source.feed];
			if (!is_in_force(v, &v->own[i]) || was_met(n, side, i))
				continue;
			if (share == NOBODY)
				++*(c->there ? &c->shares->operator_before : &c->shares->operator_now);
			else if (c->there)
				note_fate(c, n, side == 0 ? SCOPE_EXACT : SCOPE_SUBTREE, &v->own[i]);
			else
				note_now(&c->shares->share[share], n);
		}
	}
}

static int count_rule(void *context, const struct table_rule *rule)
{
	const struct counting *c = context;
	const struct policy *policy = table_policy(c->here);
	struct class class = policy->classes[rule->class];
	const struct named named = {.wire = rule->wire,
		.length = rule->wire_length,
		.nodes = rule->labels.count - 1u,
		.side = {class.exact ? &policy->verdicts[class.exact] : NULL,
			class.subtree ? &policy->verdicts[class.subtree] : NULL}};
	count_name(c, &named);
	return 0;
}

/* The number of the share of each feed of a table. */
static uint16_t *share_numbers(const struct feed_shares *shares, const struct table *table)
{
	const struct policy *policy = table_policy(table);
	uint16_t *number = xcalloc(policy->feed_count, sizeof *number);
	for (uint32_t f = 0; f < policy->feed_count; f++) {
		number[f] = NOBODY;
		for (size_t i = 0; i < shares->count; i++)
			if (strcmp(shares->share[i].name, policy->feeds[f].name) == 0)
				number[f] = (uint16_t)i;
	}
	return number;
}

/* For each feed of one table, its number in another. */
static uint16_t *feed_numbers(const struct table *here, const struct table *there)
{
	const struct policy *from = table_policy(here), *to = table_policy(there);
	uint16_t *number = xcalloc(from->feed_count, sizeof *number);
	for (uint32_t f = 0; f < from->feed_count; f++) {
		uint32_t found = policy_find_feed(to, from->feeds[f].name);
		number[f] = found < to->feed_count ? (uint16_t)found : NOBODY;
	}
	return number;
}

int feed_shares_count(struct feed_shares *shares, const struct table *published, const struct table *table,
	const struct guard *guard, struct why *why)
{
	for (size_t i = 0; i < shares->count; i++) {
		struct feed_share *s = &shares->share[i];
		s->nodes_before = s->nodes_now = s->before = s->now = s->gone = s->overruled = s->freed = 0;
		s->expired_known = false;
	}
	shares->taken = shares->operator_before = shares->operator_now = 0;
	struct counting c = {.shares = shares, .here = published, .there = table, .guard = guard};
	c.share = share_numbers(shares, published);
	c.freer = share_numbers(shares, table);
	c.number = feed_numbers(published, table);
	int status = table_each(published, count_rule, &c, why);
	free(c.share);
	free(c.number);
	c.here = table;
	c.there = NULL;
	c.share = c.freer;
	if (status == 0)
		status = table_each(table, count_rule, &c, why);
	free(c.freer);
	return status;
}
