/* SPDX-License-Identifier: BSD-3-Clause */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "libweir/errors.h"
#include "libweir/policy.h"
#include "libweir/policy_section.h"

/* Reads from a buffer; after the first read past its end every read gives 0 and `short_read` stays set. */
struct reader {
	const uint8_t *data;
	size_t left;
	bool short_read;
};

static uint32_t read_number(struct reader *r, unsigned octets)
{
	if (r->left < octets) {
		r->short_read = true;
		r->left = 0;
		return 0;
	}
	uint32_t value = 0;
	for (unsigned i = 0; i < octets; i++)
		value |= (uint32_t)r->data[i] << (8 * i);
	r->data += octets;
	r->left -= octets;
	return value;
}

/* Returns false unless the text fits `max` characters and is printable. */
static bool read_short_text(struct reader *r, char *text, size_t max)
{
	size_t length = read_number(r, 1);
	if (length > max || length > r->left)
		return false;
	memcpy(text, r->data, length);
	text[length] = '\0';
	r->data += length;
	r->left -= length;
	for (size_t i = 0; i < length; i++)
		if ((unsigned char)text[i] < ' ' || text[i] == 0x7f)
			return false;
	return true;
}

static void read_octets(struct reader *r, uint8_t *octets, size_t length)
{
	if (r->left < length) {
		r->short_read = true;
		r->left = 0;
		return;
	}
	memcpy(octets, r->data, length);
	r->data += length;
	r->left -= length;
}

static int read_feeds(struct reader *r, struct feed_policy *feeds, uint32_t count, struct why *why)
{
	for (uint32_t i = 0; i < count; i++) {
		uint32_t flags = read_number(r, 1);
		feeds[i].check_targets = flags & 1;
		if (!read_short_text(r, feeds[i].name, POLICY_MAX_NAME) || flags > 1 ||
			!policy_name_valid(feeds[i].name))
			return why_set(why, WEIR_EFORMAT, "policy: feed %u is malformed", i);
	}
	return 0;
}

/* What an action needs must be there. */
static bool action_possible(uint32_t action, const struct category_policy *category)
{
	return action < ACTION_COUNT && (action_need(action) != NEEDS_REDIRECT || category->redirect_length > 0);
}

static bool read_category(struct reader *r, struct category_policy *c)
{
	uint32_t action = read_number(r, 1);
	c->action = action;
	c->ede = (uint16_t)read_number(r, 2);
	c->ttl_s = read_number(r, 4);
	if (!read_short_text(r, c->name, POLICY_MAX_NAME) || !read_short_text(r, c->text, POLICY_MAX_TEXT))
		return false;
	uint32_t flags = read_number(r, 1);
	c->has_ipv4 = flags & POLICY_HAS_IPV4;
	c->has_ipv6 = flags & POLICY_HAS_IPV6;
	read_octets(r, c->ipv4, c->has_ipv4 ? sizeof c->ipv4 : 0);
	read_octets(r, c->ipv6, c->has_ipv6 ? sizeof c->ipv6 : 0);
	c->redirect_length = (uint8_t)read_number(r, 1);
	read_octets(r, c->redirect, c->redirect_length);
	struct name_labels labels;
	return flags <= (POLICY_HAS_IPV4 | POLICY_HAS_IPV6) && action_possible(action, c) &&
	       c->ttl_s <= POLICY_MAX_TTL && policy_name_valid(c->name) &&
	       (c->redirect_length == 0 || name_split(c->redirect, c->redirect_length, &labels) == 0);
}

static int read_categories(struct reader *r, struct category_policy *categories, uint32_t count, struct why *why)
{
	for (uint32_t i = 0; i < count; i++)
		if (!read_category(r, &categories[i]))
			return why_set(why, WEIR_EFORMAT, "policy: category %u is malformed", i);
	return 0;
}

static int read_groups(struct reader *r, struct group_policy *groups, const struct policy *p, struct why *why)
{
	for (uint32_t g = 0; g < p->group_count; g++) {
		bool good = read_short_text(r, groups[g].name, POLICY_MAX_NAME) && policy_name_valid(groups[g].name);
		read_octets(r, groups[g].action, p->category_count);
		for (uint32_t c = 0; c < p->category_count; c++)
			good &= action_possible(groups[g].action[c], &p->categories[c]);
		if (!good)
			return why_set(why, WEIR_EFORMAT, "policy: group %u is malformed", g);
	}
	return 0;
}

/* The first range begins at the first address. Each other range begins behind the start of the range before it. So
 * together they cover all addresses. */
static int read_ranges(struct reader *r, struct client_range *ranges, const struct policy *p, struct why *why)
{
	static const struct client_range start;
	for (uint32_t i = 0; i < p->range_count; i++) {
		read_octets(r, ranges[i].first, sizeof ranges[i].first);
		ranges[i].group = (uint8_t)read_number(r, 1);
		int order = i == 0 ? memcmp(ranges[i].first, start.first, sizeof start.first) == 0
				   : memcmp(ranges[i].first, ranges[i - 1].first, sizeof start.first) > 0;
		if (!order || ranges[i].group > p->group_count)
			return why_set(why, WEIR_EFORMAT, "policy: client range %u is malformed", i);
	}
	return 0;
}

static bool read_policy_source(struct reader *r, const struct policy *p, struct source *source)
{
	source->feed = (uint16_t)read_number(r, 2);
	source->category = (uint16_t)read_number(r, 2);
	return source->feed < p->feed_count && source->category < p->category_count;
}

/* The lists of all verdicts are in one piece of memory. `own` and `effective` are moved on by what this verdict
 * takes. */
static int read_verdict(
	struct reader *r, const struct policy *p, struct verdict *v, struct own_source **own, struct source **effective)
{
	uint32_t decision = read_number(r, 1);
	v->decision = decision;
	v->own_count = (uint16_t)read_number(r, 2);
	v->effective_count = (uint16_t)read_number(r, 2);
	if (decision > DECISION_BLOCK || (decision == DECISION_BLOCK) != (v->effective_count > 0) ||
		v->own_count * 5u + v->effective_count * 4u > r->left)
		return WEIR_EFORMAT;
	v->own = *own;
	v->effective = *effective;
	for (unsigned i = 0; i < v->own_count; i++, ++*own) {
		uint32_t kind = read_number(r, 1);
		(*own)->kind = kind;
		if (kind > RULE_EXCEPT || !read_policy_source(r, p, &(*own)->source))
			return WEIR_EFORMAT;
	}
	for (unsigned i = 0; i < v->effective_count; i++, ++*effective)
		if (!read_policy_source(r, p, *effective))
			return WEIR_EFORMAT;
	verdict_settle(v, p);
	return 0;
}

/* What is filled while a policy is read. The lists of all verdicts are in one piece each; policy_free finds them at
 * verdict 0. */
struct parts {
	struct feed_policy *feeds;
	struct category_policy *categories;
	struct group_policy *groups;
	struct client_range *ranges;
	struct verdict *verdicts;
	struct class *classes;
	struct own_source *own;
	struct source *effective;
};

/* Allocates what the counts ask for. `left` is what the section still holds: each own source takes 5 of its octets,
 * each effective one 4. */
static int make_parts(struct parts *parts, struct policy *p, size_t left)
{
	p->feeds = parts->feeds = calloc(p->feed_count + 1u, sizeof *parts->feeds);
	p->categories = parts->categories = calloc(p->category_count + 1u, sizeof *parts->categories);
	p->groups = parts->groups = calloc(p->group_count + 1u, sizeof *parts->groups);
	p->ranges = parts->ranges = calloc(p->range_count + 1u, sizeof *parts->ranges);
	p->classes = parts->classes = calloc(p->class_count + 1u, sizeof *parts->classes);
	p->verdicts = parts->verdicts = calloc(p->verdict_count, sizeof *parts->verdicts);
	parts->own = calloc(left / 5 + 1, sizeof *parts->own);
	parts->effective = calloc(left / 4 + 1, sizeof *parts->effective);
	if (!parts->verdicts) {
		free(parts->own);
		free(parts->effective);
		return -ENOMEM;
	}
	parts->verdicts[0] = (struct verdict){.own = parts->own, .effective = parts->effective};
	bool all = parts->feeds && parts->categories && parts->groups && parts->ranges && parts->classes &&
		   parts->own && parts->effective;
	return all ? 0 : -ENOMEM;
}

static int read_classes(struct reader *r, struct class *classes, const struct policy *p, struct why *why)
{
	for (uint32_t i = 0; i < p->class_count; i++) {
		classes[i].exact = read_number(r, 4);
		classes[i].subtree = read_number(r, 4);
		if (classes[i].exact >= p->verdict_count || classes[i].subtree >= p->verdict_count ||
			(classes[i].exact | classes[i].subtree) == 0)
			return why_set(why, WEIR_EFORMAT, "policy: class %u is malformed", i);
	}
	return 0;
}

static bool read_hits_policy(struct reader *r, struct hits_policy *hits, uint32_t flags)
{
	hits->events = flags & POLICY_HITS_EVENTS;
	hits->ipv4_bits = (uint8_t)read_number(r, 1);
	hits->ipv6_bits = (uint8_t)read_number(r, 1);
	bool lonely = (flags & POLICY_SHARES_SECRET) && !(flags & POLICY_COUNTS_RULES);
	return flags < 2 * POLICY_SHARES_SECRET && !lonely && hits->ipv4_bits <= 32 && hits->ipv6_bits <= 128;
}

/* A mailbox has at least one label. */
static int read_contact(struct reader *r, struct policy *p, struct why *why)
{
	name_storage contact;
	struct name_labels labels;
	uint8_t length = (uint8_t)read_number(r, 1);
	read_octets(r, contact, length);
	if (r->short_read || name_split(contact, length, &labels) != 0 || labels.count == 0)
		return why_set(why, WEIR_EFORMAT, "policy: the contact is malformed");
	uint8_t *copy = malloc(length);
	if (!copy)
		return why_set(why, -ENOMEM, "out of memory");
	p->contact = memcpy(copy, contact, length);
	p->contact_length = length;
	return 0;
}

static bool read_counted_rules(struct reader *r, struct hits_policy *hits)
{
	hits->rules = true;
	hits->client_ipv4_bits = (uint8_t)read_number(r, 1);
	hits->client_ipv6_bits = (uint8_t)read_number(r, 1);
	return hits->client_ipv4_bits <= POLICY_CLIENT_IPV4 && hits->client_ipv6_bits <= POLICY_CLIENT_IPV6;
}

/* Whether anybody's queries are only counted. */
static bool logs_anything(const struct policy *p)
{
	bool logs = false;
	for (uint32_t c = 0; c < p->category_count; c++) {
		logs |= p->categories[c].action == ACTION_LOG;
		for (uint32_t g = 0; g < p->group_count; g++)
			logs |= p->groups[g].action[c] == ACTION_LOG;
	}
	return logs;
}

static int read_policy(struct reader *r, struct policy *p, struct why *why)
{
	uint32_t feeds = read_number(r, 4), categories = read_number(r, 4);
	uint32_t groups = read_number(r, 4), ranges = read_number(r, 4);
	uint32_t verdicts = read_number(r, 4), classes = read_number(r, 4);
	/* Each verdict takes at least 5 octets, each class 8, each range 17: a section of this length cannot hold more. */
	if (feeds > POLICY_MAX_FEEDS || categories > POLICY_MAX_CATEGORIES || groups > POLICY_MAX_GROUPS ||
		ranges > POLICY_MAX_RANGES || ranges > r->left / 17 || verdicts > POLICY_MAX_VERDICTS ||
		classes > POLICY_MAX_VERDICTS || verdicts > r->left / 5 || classes > r->left / 8)
		return why_set(why, WEIR_EFORMAT, "policy: counts exceed the section");
	p->feed_count = feeds;
	p->category_count = categories;
	p->group_count = groups;
	p->range_count = ranges;
	p->verdict_count = verdicts + 1;
	p->class_count = classes;
	uint32_t flags = read_number(r, 1);
	if (!read_hits_policy(r, &p->hits, flags))
		return why_set(why, WEIR_EFORMAT, "policy: the settings of hits are malformed");
	int status = flags & POLICY_HAS_CONTACT ? read_contact(r, p, why) : 0;
	if (status != 0)
		return status;
	if ((flags & POLICY_COUNTS_RULES) && !read_counted_rules(r, &p->hits))
		return why_set(why, WEIR_EFORMAT, "policy: the settings of counted rules are malformed");
	if ((flags & POLICY_SHARES_SECRET) && (!read_short_text(r, p->hits.client_key, POLICY_MAX_KEY_PATH) ||
						      !policy_key_path_valid(p->hits.client_key)))
		return why_set(why, WEIR_EFORMAT, "policy: the path of the clients' key is malformed");
	struct parts parts;
	status = make_parts(&parts, p, r->left);
	if (status != 0)
		return why_set(why, status, "out of memory");
	status = read_feeds(r, parts.feeds, feeds, why);
	if (status == 0)
		status = read_categories(r, parts.categories, categories, why);
	if (status == 0)
		status = read_groups(r, parts.groups, p, why);
	if (status == 0)
		status = read_ranges(r, parts.ranges, p, why);
	for (uint32_t i = 1; status == 0 && i <= verdicts; i++)
		if (read_verdict(r, p, &parts.verdicts[i], &parts.own, &parts.effective) != 0)
			status = why_set(why, WEIR_EFORMAT, "policy: verdict %u is malformed", i);
	if (status == 0)
		status = read_classes(r, parts.classes, p, why);
	p->logs = logs_anything(p);
	if (status == 0 && (r->short_read || r->left > 0))
		status = why_set(why, WEIR_EFORMAT, "policy: wrong length");
	return status;
}

int policy_decode(struct policy *policy, const uint8_t *data, size_t length, struct why *why)
{
	struct reader r = {.data = data, .left = length};
	*policy = (struct policy){0};
	int status = read_policy(&r, policy, why);
	if (status != 0)
		policy_free(policy);
	return status;
}

void policy_free(struct policy *policy)
{
	if (policy->verdicts) {
		free((void *)policy->verdicts[0].own);
		free((void *)policy->verdicts[0].effective);
	}
	free((void *)policy->verdicts);
	free((void *)policy->contact);
	free((void *)policy->feeds);
	free((void *)policy->categories);
	free((void *)policy->groups);
	free((void *)policy->ranges);
	free((void *)policy->classes);
	*policy = (struct policy){0};
}
