/* SPDX-License-Identifier: BSD-3-Clause */
/* table_verify of dump.h: a second reader of the format that trusts nothing but the checksums open has compared. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "libweir/build/ancestors.h"
#include "libweir/dump.h"
#include "libweir/errors.h"
#include "libweir/hash.h"
#include "libweir/key.h"

struct verify {
	const struct table *table;
	const struct weir_header *header;
	struct why *why;
	uint64_t last_key;
	char last_text[NAME_MAX_WIRE + 1];
	uint64_t *class_uses;
	struct keyset ancestors; /* of all rules */
	struct keyset parents;   /* rules with MORE, in the order of their keys, as they come */
};

static int fail_rule(struct verify *v, const struct table_rule *rule, const char *what)
{
	return why_set(v->why, WEIR_EFORMAT, "index line %u: rule %s: %s", rule->line, rule->text, what);
}

static int verify_rule(void *context, const struct table_rule *rule)
{
	struct verify *v = context;
	uint64_t key = name_key(rule->wire, rule->wire_length, v->header->key);
	uint32_t home = key_home(key, v->header->homes);
	if (rule->line < home || rule->line - home > WEIR_MAX_REACH || (rule->tag & WEIR_TAG_CHECK) != key_check(key))
		return fail_rule(v, rule, "does not belong here");
	if (key < v->last_key || (key == v->last_key && strcmp(rule->text, v->last_text) <= 0))
		return fail_rule(v, rule, "out of order");
	v->last_key = key;
	memcpy(v->last_text, rule->text, rule->length + 1);
	v->class_uses[rule->class]++;

	/* A lookup comes to a name only by the marks of all its ancestors. */
	struct match match;
	if (!table_lookup(v->table, rule->wire, rule->wire_length, &match) || match.rule_offset != 0)
		return fail_rule(v, rule, "is not found by a lookup");
	int status = ancestors_of_name(&v->ancestors, rule->wire, rule->wire_length, &rule->labels, v->header->key,
		header_least_labels(v->header));
	if (status == 0 && (rule->tag & WEIR_TAG_MORE))
		status = keyset_add(&v->parents, key);
	return status == 0 ? 0 : why_set(v->why, status, "%s", error_text(status));
}

/* Every ancestor has its mark: a lookup has found each rule. This checks that there are no other marks. */
static int verify_nodes(struct verify *v)
{
	keyset_sort(&v->ancestors);
	keyset_sort(&v->parents);
	uint64_t with_rule = 0;
	for (size_t i = 0, r = 0; i < v->ancestors.count; i++) {
		while (r < v->parents.count && v->parents.key[r] < v->ancestors.key[i])
			r++;
		with_rule += r < v->parents.count && v->parents.key[r] == v->ancestors.key[i];
	}
	if (with_rule != v->parents.count)
		return why_set(v->why, WEIR_EFORMAT, "index: %zu rules are marked as having others below, %llu have",
			v->parents.count, (unsigned long long)with_rule);
	if (v->ancestors.count - with_rule != v->header->marks)
		return why_set(v->why, WEIR_EFORMAT, "index: %llu marks, the rules need %llu",
			(unsigned long long)v->header->marks, (unsigned long long)(v->ancestors.count - with_rule));
	for (uint32_t i = 0; i < table_policy(v->table)->class_count; i++)
		if (v->class_uses[i] == 0)
			return why_set(v->why, WEIR_EFORMAT, "policy: class %u has no rule", i);
	return 0;
}

int table_verify(const struct table *table, struct why *why)
{
	struct verify v = {.table = table, .header = table_header(table), .why = why};
	v.class_uses = calloc(table_policy(table)->class_count + 1u, sizeof *v.class_uses);
	int status = v.class_uses ? 0 : why_set(why, -ENOMEM, "out of memory");
	if (status == 0)
		status = table_each(table, verify_rule, &v, why);
	if (status == 0)
		status = verify_nodes(&v);
	free(v.class_uses);
	keyset_free(&v.ancestors);
	keyset_free(&v.parents);
	return status;
}
