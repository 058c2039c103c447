#include "policy.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "bytes.h"
#include "error.h"

static const char *const action_names[ACTION_COUNT] = {
	[ACTION_ALLOW] = "allow",
	[ACTION_LOG] = "log",
	[ACTION_REDIRECT] = "redirect",
	[ACTION_SINKHOLE] = "sinkhole",
	[ACTION_TRUNCATE] = "truncate",
	[ACTION_NODATA] = "nodata",
	[ACTION_NXDOMAIN] = "nxdomain",
	[ACTION_REFUSED] = "refused",
	[ACTION_DROP] = "drop",
};

const char *action_text(enum action action)
{
	return action < ACTION_COUNT ? action_names[action] : NULL;
}

int action_from_text(const char *text, enum action *action)
{
	for (enum action a = 0; a < ACTION_COUNT; a++) {
		if (strcmp(text, action_names[a]) == 0) {
			*action = a;
			return 0;
		}
	}
	return -1;
}

const char *scope_text(enum scope scope)
{
	return scope == SCOPE_SUBTREE ? "subtree" : "exact";
}

bool policy_name_valid(const char *name)
{
	size_t length = strnlen(name, POLICY_MAX_NAME + 1);
	if (length == 0 || length > POLICY_MAX_NAME)
		return false;
	for (; *name; name++)
		if (*name <= ' ' || *name > '~' || *name == ',' || *name == '\\')
			return false;
	return true;
}

void verdict_settle(struct verdict *verdict, const struct policy *policy)
{
	verdict->action = verdict->target_action = ACTION_ALLOW;
	if (verdict->decision != DECISION_BLOCK)
		return;
	for (unsigned i = 0; i < verdict->effective_count; i++) {
		struct source source = verdict->effective[i];
		enum action action = policy->categories[source.category].action;
		if (action > verdict->action)
			verdict->action = action;
		if (policy->feeds[source.feed].check_targets && action > verdict->target_action)
			verdict->target_action = action;
	}
}

const struct category_policy *verdict_category(
	const struct verdict *verdict, const struct policy *policy, bool for_target)
{
	enum action action = for_target ? verdict->target_action : verdict->action;
	for (unsigned i = 0; i < verdict->effective_count; i++) {
		struct source source = verdict->effective[i];
		const struct category_policy *category = &policy->categories[source.category];
		if (category->action == action && (!for_target || policy->feeds[source.feed].check_targets))
			return category;
	}
	return NULL;
}

/* The section, in order:
 *   u32 feeds, categories, verdicts (0 not counted), classes
 *   feed:     u8 flags (bit 0 check targets), u8 length, name
 *   category: u8 action, u16 ede, u32 ttl, u8 length, name, u8 length, text
 *   verdict:  u8 decision, u16 own, u16 effective, own x (u8 kind, u16 feed, u16 category), effective x (u16, u16)
 *   class:    u32 exact, u32 subtree
 */

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
	write_number(w, p->verdict_count - 1, 4);
	write_number(w, p->class_count, 4);
	for (uint32_t i = 0; i < p->feed_count; i++) {
		write_number(w, p->feeds[i].check_targets, 1);
		write_text(w, p->feeds[i].name);
	}
	for (uint32_t i = 0; i < p->category_count; i++) {
		write_number(w, p->categories[i].action, 1);
		write_number(w, p->categories[i].ede, 2);
		write_number(w, p->categories[i].ttl_s, 4);
		write_text(w, p->categories[i].name);
		write_text(w, p->categories[i].text);
	}
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
static bool read_text(struct reader *r, char *text, size_t max)
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

static int read_feeds(struct reader *r, struct feed_policy *feeds, uint32_t count, struct why *why)
{
	for (uint32_t i = 0; i < count; i++) {
		uint32_t flags = read_number(r, 1);
		feeds[i].check_targets = flags & 1;
		if (!read_text(r, feeds[i].name, POLICY_MAX_NAME) || flags > 1 || !policy_name_valid(feeds[i].name))
			return why_set(why, WEIR_EFORMAT, "policy: feed %u is malformed", i);
	}
	return 0;
}

static int read_categories(struct reader *r, struct category_policy *categories, uint32_t count, struct why *why)
{
	for (uint32_t i = 0; i < count; i++) {
		struct category_policy *c = &categories[i];
		uint32_t action = read_number(r, 1);
		c->action = action;
		c->ede = (uint16_t)read_number(r, 2);
		c->ttl_s = read_number(r, 4);
		if (!read_text(r, c->name, POLICY_MAX_NAME) || !read_text(r, c->text, POLICY_MAX_TEXT) ||
			action >= ACTION_COUNT || c->ttl_s > POLICY_MAX_TTL || !policy_name_valid(c->name))
			return why_set(why, WEIR_EFORMAT, "policy: category %u is malformed", i);
	}
	return 0;
}

static bool read_source(struct reader *r, const struct policy *p, struct source *source)
{
	source->feed = (uint16_t)read_number(r, 2);
	source->category = (uint16_t)read_number(r, 2);
	return source->feed < p->feed_count && source->category < p->category_count;
}

/* A verdict's lists are allocated together with all others: `own` and `effective` are moved on by what was taken. */
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
		if (kind > RULE_EXCEPT || !read_source(r, p, &(*own)->source))
			return WEIR_EFORMAT;
	}
	for (unsigned i = 0; i < v->effective_count; i++, ++*effective)
		if (!read_source(r, p, *effective))
			return WEIR_EFORMAT;
	verdict_settle(v, p);
	return 0;
}

/* What is filled while a policy is read; the lists of all verdicts are in one piece each, policy_free finds them at
 * verdict 0. */
struct parts {
	struct feed_policy *feeds;
	struct category_policy *categories;
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
	return parts->feeds && parts->categories && parts->classes && parts->own && parts->effective ? 0 : -ENOMEM;
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

static int read_policy(struct reader *r, struct policy *p, struct why *why)
{
	uint32_t feeds = read_number(r, 4), categories = read_number(r, 4);
	uint32_t verdicts = read_number(r, 4), classes = read_number(r, 4);
	/* Each verdict takes at least 5 octets and each class 8: a section of this length cannot hold more. */
	if (feeds > POLICY_MAX_FEEDS || categories > POLICY_MAX_CATEGORIES || verdicts > POLICY_MAX_VERDICTS ||
		classes > POLICY_MAX_VERDICTS || verdicts > r->left / 5 || classes > r->left / 8)
		return why_set(why, WEIR_EFORMAT, "policy: counts exceed the section");
	p->feed_count = feeds;
	p->category_count = categories;
	p->verdict_count = verdicts + 1;
	p->class_count = classes;
	struct parts parts;
	int status = make_parts(&parts, p, r->left);
	if (status != 0)
		return why_set(why, status, "out of memory");
	status = read_feeds(r, parts.feeds, feeds, why);
	if (status == 0)
		status = read_categories(r, parts.categories, categories, why);
	for (uint32_t i = 1; status == 0 && i <= verdicts; i++)
		if (read_verdict(r, p, &parts.verdicts[i], &parts.own, &parts.effective) != 0)
			status = why_set(why, WEIR_EFORMAT, "policy: verdict %u is malformed", i);
	if (status == 0)
		status = read_classes(r, parts.classes, p, why);
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
	free((void *)policy->feeds);
	free((void *)policy->categories);
	free((void *)policy->classes);
	*policy = (struct policy){0};
}
