/* SPDX-License-Identifier: BSD-3-Clause */
#include "libweir/build/base_codes.h"

#include <stdlib.h>

#include "../../unit.h"
#include "libweir/hash.h"

enum { NAMES = 900 };

/* A name with its key: a length octet and its text. */
struct keyed_name {
	uint64_t key;
	uint8_t text[40];
};

static int compare_names(const void *a, const void *b)
{
	const struct keyed_name *x = a, *y = b;
	return x->key < y->key ? -1 : x->key > y->key;
}

static void name_set(struct keyed_name *n, const char *name)
{
	name_storage wire;
	size_t length = wire_of(name, wire);
	n->key = name_key(wire, length, BUILD_PUBLIC_KEY);
	n->text[0] = (uint8_t)strlen(name);
	memcpy(n->text + 1, name, n->text[0]);
}

/* The first has one octet. */
static void name_number(char name[32], unsigned i)
{
	if (i == 0) {
		strcpy(name, "q");
		return;
	}
	snprintf(name, 32, "%x.shop%u.example", i * 2654435761u, i);
}

/* A table of every third name, or of others. */
static struct table *table_of_thirds(unsigned rest)
{
	static struct rule_spec rules[NAMES / 3];
	static char names[NAMES / 3][32];
	for (unsigned i = 0; i < NAMES / 3; i++) {
		name_number(names[i], 3 * i + rest);
		rules[i] = (struct rule_spec){names[i], SCOPE_EXACT, RULE_BLOCK, {0, 0}};
	}
	return table_of(rules, NAMES / 3);
}

/* Asks for all names but those with the rest `left_out`; those of the base are found, and no others. */
static void ask_all(const struct table *base, unsigned left_out, unsigned found_of_base)
{
	static struct keyed_name names[NAMES];
	size_t count = 0, found = 0;
	struct base_codes codes;
	for (unsigned i = 0; i < NAMES; i++) {
		char name[32];
		name_number(name, i);
		if (i % 3 != left_out)
			name_set(&names[count++], name);
	}
	qsort(names, count, sizeof *names, compare_names);
	base_codes_begin(&codes, base);
	for (size_t i = 0; i < count; i++) {
		uint8_t text[SYMBOL_TEXT_ROOM];
		size_t length;
		const uint8_t *code = base_codes_find(&codes, names[i].key, names[i].text, &length);
		if (!code)
			continue;
		assert_int_equal(symbols_decode(table_symbols(base), code, length, text), names[i].text[0]);
		assert_memory_equal(text, names[i].text + 1, names[i].text[0]);
		found++;
	}
	assert_int_equal(found, found_of_base);
}

static void finds_what_is_there(void **state)
{
	(void)state;
	for (unsigned rest = 0; rest < 3; rest++) {
		struct table *base = table_of_thirds(rest);
		ask_all(base, 3, NAMES / 3);
		ask_all(base, (rest + 1) % 3, NAMES / 3);
		ask_all(base, rest, 0);
		table_close(&base);
	}
	ask_all(NULL, 3, 0);
}

/* A base with damaged names is no reason for a wrong code: what is taken still decodes to the name. */
static void damaged_base(void **state)
{
	(void)state;
	uint64_t seed = 4;
	unsigned opened = 0;
	size_t length;
	uint8_t *octets = table_octets_of_many(300, &length);
	const size_t names = length - 2000;
	for (int round = 0; round < 300; round++) {
		struct table *base;
		struct why why;
		octets[names + random_below(&seed, 2000)] ^= (uint8_t)(1 + random_below(&seed, 255));
		reseal(octets, length);
		if (table_open_octets(&base, octets, length, &why) != 0)
			continue;
		opened++;
		struct base_codes codes;
		base_codes_begin(&codes, base);
		for (uint64_t key = 0; key < 64; key++) {
			struct keyed_name name;
			size_t code_length;
			name_set(&name, "other.example");
			assert_null(base_codes_find(&codes, key << 58, name.text, &code_length));
		}
		table_close(&base);
	}
	assert_true(opened > 0);
	free(octets);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(finds_what_is_there),
		cmocka_unit_test(damaged_base),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
