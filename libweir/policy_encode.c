/* SPDX-License-Identifier: BSD-3-Clause */
#include <stdlib.h>
#include <string.h>

#include "libweir/policy.h"
#include "libweir/policy_section.h"

/* Appends to a buffer, or only counts when there is none: encoding runs once for the size and once for real. */
struct writer {
	uint8_t *data;
	size_t length;
};

static void write_number(struct writer *w, uint32_t value, unsigned octets)
{
	for (unsigned i = 0; i < octets; i++, value >>= 8, w->length++)
		if (w->data)
			w->data[w->length] = (uint8_t)value;
}

static void write_text(struct writer *w, const char *text)
{
	size_t length = strlen(text);
	write_number(w, (uint32_t)length, 1);
	if (w->data)
		memcpy(w->data + w->length, text, length);
	w->length += length;
}

static void write_octets(struct writer *w, const uint8_t *octets, size_t length)
{
	if (w->data)
		memcpy(w->data + w->length, octets, length);
	w->length += length;
}

static void write_category(struct writer *w, const struct category_policy *c)
{
	write_number(w, c->action, 1);
	write_number(w, c->ede, 2);
	write_number(w, c->ttl_s, 4);
	write_text(w, c->name);
	write_text(w, c->text);
	write_number(w, (c->has_ipv4 ? POLICY_HAS_IPV4 : 0) | (c->has_ipv6 ? POLICY_HAS_IPV6 : 0), 1);
	write_octets(w, c->ipv4, c->has_ipv4 ? sizeof c->ipv4 : 0);
	write_octets(w, c->ipv6, c->has_ipv6 ? sizeof c->ipv6 : 0);
	write_number(w, c->redirect_length, 1);
	write_octets(w, c->redirect, c->redirect_length);
}

static void write_groups(struct writer *w, const struct policy *p)
{
	for (uint32_t g = 0; g < p->group_count; g++) {
		write_text(w, p->groups[g].name);
		write_octets(w, p->groups[g].action, p->category_count);
	}
	for (uint32_t i = 0; i < p->range_count; i++) {
		write_octets(w, p->ranges[i].first, sizeof p->ranges[i].first);
		write_number(w, p->ranges[i].group, 1);
	}
}

static void write_verdict(struct writer *w, const struct verdict *v)
{
	write_number(w, v->decision, 1);
	write_number(w, v->own_count, 2);
	write_number(w, v->effective_count, 2);
	for (unsigned i = 0; i < v->own_count; i++) {
		write_number(w, v->own[i].kind, 1);
		write_number(w, v->own[i].source.feed, 2);
		write_number(w, v->own[i].source.category, 2);
	}
	for (unsigned i = 0; i < v->effective_count; i++) {
		write_number(w, v->effective[i].feed, 2);
		write_number(w, v->effective[i].category, 2);
	}
}

static void write_policy(struct writer *w, const struct policy *p)
{
	write_number(w, p->feed_count, 4);
	write_number(w, p->category_count, 4);
	write_number(w, p->group_count, 4);
	write_number(w, p->range_count, 4);
	write_number(w, p->verdict_count - 1, 4);
	write_number(w, p->class_count, 4);
	write_number(w,
		(p->hits.events ? POLICY_HITS_EVENTS : 0) | (p->contact ? POLICY_HAS_CONTACT : 0) |
			(p->hits.rules ? POLICY_COUNTS_RULES : 0) | (p->hits.client_key[0] ? POLICY_SHARES_SECRET : 0),
		1);
	write_number(w, p->hits.ipv4_bits, 1);
	write_number(w, p->hits.ipv6_bits, 1);
	if (p->contact) {
		write_number(w, p->contact_length, 1);
		write_octets(w, p->contact, p->contact_length);
	}
	if (p->hits.rules) {
		write_number(w, p->hits.client_ipv4_bits, 1);
		write_number(w, p->hits.client_ipv6_bits, 1);
	}
	if (p->hits.client_key[0])
		write_text(w, p->hits.client_key);
	for (uint32_t i = 0; i < p->feed_count; i++) {
		write_number(w, p->feeds[i].check_targets, 1);
		write_text(w, p->feeds[i].name);
	}
	for (uint32_t i = 0; i < p->category_count; i++)
		write_category(w, &p->categories[i]);
	write_groups(w, p);
	for (uint32_t i = 1; i < p->verdict_count; i++)
		write_verdict(w, &p->verdicts[i]);
	for (uint32_t i = 0; i < p->class_count; i++) {
		write_number(w, p->classes[i].exact, 4);
		write_number(w, p->classes[i].subtree, 4);
	}
}

uint8_t *policy_encode(const struct policy *policy, size_t *length)
{
	struct writer w = {0};
	write_policy(&w, policy);
	*length = w.length;
	w = (struct writer){.data = malloc(w.length)};
	if (w.data)
		write_policy(&w, policy);
	return w.data;
}
