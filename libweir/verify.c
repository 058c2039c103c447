/* table_verify of dump.h: a second reader of the format that trusts nothing but the checksums open has compared. */
#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "dump.h"
#include "error.h"
#include "hash.h"
#include "sort.h"

struct verify {
	const struct table *table;
	const struct weir_header *header;
	struct why *why;
	uint64_t last_key;
	char last_text[NAME_MAX_WIRE + 1];
	uint64_t *class_uses;
	uint64_t *ancestors; /* keys, with doubles until the end */
	size_t ancestor_count, ancestor_room;
	uint64_t *rule_keys; /* of rules with MORE, sorted as visited */
	size_t rule_key_count;
};

static int fail(struct verify *v, const struct table_rule *rule, const char *what)
{
	return why_set(v->why, WEIR_EFORMAT, "index line %u: rule %s: %s", rule->line, rule->text, what);
}

static int add_ancestor(struct verify *v, uint64_t key)
{
	if (v->ancestor_count == v->ancestor_room) {
		v->ancestor_count = sort_keys(v->ancestors, v->ancestor_count);
		if (v->ancestor_count >= v->ancestor_room / 2) {
			size_t room = v->ancestor_room ? v->ancestor_room * 2 : 4096;
			uint64_t *grown = realloc(v->ancestors, room * sizeof *grown);
			if (!grown)
				return why_set(v->why, -ENOMEM, "out of memory");
			v->ancestors = grown;
			v->ancestor_room = room;
		}
	}
	v->ancestors[v->ancestor_count++] = key;
	return 0;
}

/* The name's canonical wire form: only a name that makes the round trip is accepted. */
static int canonical(const struct table_rule *rule, name_storage wire, struct name_labels *labels)
{
	for (size_t i = 0; i < rule->length; i++)
		if (rule->text[i] >= 'A' && rule->text[i] <= 'Z')
			return -1;
	size_t label = 0;
	for (size_t i = 0; i <= rule->length; i++) {
		if (i < rule->length && rule->text[i] != '.') {
			label++;
			continue;
		}
		if (label == 0 || label > NAME_MAX_LABEL)
			return -1;
		label = 0;
	}
	if (rule->length + 2 > NAME_MAX_WIRE)
		return -1;
	return (int)name_from_plain((const uint8_t *)rule->text, rule->length, wire, labels);
}

static int verify_rule(void *context, const struct table_rule *rule)
{
	struct verify *v = context;
	name_storage wire;
	struct name_labels labels;
	int length = canonical(rule, wire, &labels);
	if (length < 0 || labels.count < 2)
		return fail(v, rule, "not a canonical name of two or more labels");
	uint64_t key = name_key(wire, (size_t)length, v->header->key);
	uint32_t home = key_home(key, v->header->homes);
	if (rule->line < home || rule->line - home > WEIR_MAX_REACH || (rule->tag & WEIR_TAG_CHECK) != key_check(key))
		return fail(v, rule, "does not belong here");
	if (key < v->last_key || (key == v->last_key && strcmp(rule->text, v->last_text) <= 0))
		return fail(v, rule, "out of order");
	v->last_key = key;
	memcpy(v->last_text, rule->text, rule->length + 1);
	v->class_uses[rule->class]++;

	struct match match;
	if (!table_lookup(v->table, wire, (size_t)length, &match) || match.rule_offset != 0)
		return fail(v, rule, "is not found by a lookup");
	if (rule->tag & WEIR_TAG_MORE)
		v->rule_keys[v->rule_key_count++] = key;
	int status = 0;
	for (unsigned first = 1; status == 0 && first + 1 < labels.count; first++) {
		size_t offset = labels.offset[first];
		uint64_t ancestor = name_key(wire + offset, (size_t)length - offset, v->header->key);
		bool more;
		if (!table_has_node(v->table, ancestor, &more) || !more)
			return fail(v, rule, "an ancestor has no mark");
		status = add_ancestor(v, ancestor);
	}
	return status;
}

/* Every ancestor has its mark (checked above); now that there are no others. */
static int verify_marks(struct verify *v)
{
	v->ancestor_count = sort_keys(v->ancestors, v->ancestor_count);
	v->rule_key_count = sort_keys(v->rule_keys, v->rule_key_count);
	uint64_t with_rule = 0;
	for (size_t i = 0, r = 0; i < v->ancestor_count; i++) {
		while (r < v->rule_key_count && v->rule_keys[r] < v->ancestors[i])
			r++;
		with_rule += r < v->rule_key_count && v->rule_keys[r] == v->ancestors[i];
	}
	if (with_rule != v->rule_key_count)
		return why_set(v->why, WEIR_EFORMAT, "index: %llu rules are marked as having others below, %llu have",
			(unsigned long long)v->rule_key_count, (unsigned long long)with_rule);
	if (v->ancestor_count - with_rule != v->header->marks)
		return why_set(v->why, WEIR_EFORMAT, "index: %llu marks, the rules need %llu",
			(unsigned long long)v->header->marks, (unsigned long long)(v->ancestor_count - with_rule));
	for (uint32_t i = 0; i < table_policy(v->table)->class_count; i++)
		if (v->class_uses[i] == 0)
			return why_set(v->why, WEIR_EFORMAT, "policy: class %u has no rule", i);
	return 0;
}

int table_verify(const struct table *table, struct why *why)
{
	struct verify v = {.table = table, .header = table_header(table), .why = why};
	v.class_uses = calloc(table_policy(table)->class_count + 1u, sizeof *v.class_uses);
	v.rule_keys = malloc(((size_t)v.header->rules + 1) * sizeof *v.rule_keys);
	int status = v.class_uses && v.rule_keys ? 0 : why_set(why, -ENOMEM, "out of memory");
	if (status == 0)
		status = table_each(table, verify_rule, &v, why);
	if (status == 0)
		status = verify_marks(&v);
	free(v.class_uses);
	free(v.rule_keys);
	free(v.ancestors);
	return status;
}
