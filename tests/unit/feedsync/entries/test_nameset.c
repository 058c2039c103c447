/* SPDX-License-Identifier: BSD-3-Clause */
/* Sets of names, against a list that is looked through. */
#include "tests/unit/unit.h"

#include "feedsync/entries/nameset.h"

static void key(struct namekey *k, const char *name)
{
	name_storage wire;
	size_t length = wire_of(name, wire);
	namekey_of(k, wire, length);
}

static void keys(void **state)
{
	(void)state;
	static const struct {
		const char *name, *key, *up;
	} cases[] = {
		{"www.example.com", "com.example.www.", "com.example."},
		{"a.b", "b.a.", "b."},
		{"com", "com.", ""},
		{".", "", ""},
	};
	for (unsigned i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct namekey k;
		key(&k, cases[i].name);
		assert_string_equal(k.text, cases[i].key);
		assert_int_equal(k.length, strlen(cases[i].key));
		assert_int_equal(namekey_up(&k), cases[i].up[0] != '\0');
		assert_string_equal(k.text, cases[i].up);
	}
	/* The longest name: 63 + 63 + 63 + 61 octets. */
	char longest[256];
	memset(longest, 'a', 253);
	longest[63] = longest[127] = longest[191] = '.';
	longest[253] = '\0';
	struct nameset set = {0};
	struct namekey k;
	char text[NAME_MAX_WIRE + 1];
	key(&k, longest);
	assert_int_equal(nameset_add(&set, &k, 7), 0);
	nameset_sort(&set);
	assert_int_equal(nameset_text(&set, nameset_at(&set, &k), text), 253);
	assert_string_equal(text, longest);
	nameset_free(&set);
	assert_null(nameset_at(&set, &k));
	assert_null(nameset_below(&set, &k));
	assert_null(nameset_above(&set, &k));
}

/* ---- the model ---- */

enum { NAMES = 60, MAX_TEXT = 40 };

/* Whether `name` is `other` or lies below it. */
static bool is_within(const char *name, const char *other)
{
	size_t length = strlen(name), above = strlen(other);
	return length >= above && strcmp(name + length - above, other) == 0 &&
	       (length == above || name[length - above - 1] == '.');
}

/* Few labels, some of which begin alike or hold what sorts before a dot: collisions are what is wanted. */
static void random_name(uint64_t *seed, char name[MAX_TEXT])
{
	static const char *const labels[] = {"a", "b", "aa", "a-b", "a-", "ab", "x"};
	name[0] = '\0';
	for (unsigned i = 1 + random_below(seed, 4); i > 0; i--) {
		strcat(name, labels[random_below(seed, 7)]);
		strcat(name, i > 1 ? "." : "");
	}
}

struct model {
	char name[NAMES][MAX_TEXT];
	unsigned count;
	struct nameset set;
};

/* What the set says of an entry: its name and mark are those of one in the list, the first of that name. */
static bool is_in_model(const struct model *m, const struct nameset_entry *entry, char text[NAME_MAX_WIRE + 1])
{
	nameset_text(&m->set, entry, text);
	unsigned i = 0;
	while (i < m->count && strcmp(m->name[i], text) != 0)
		i++;
	return i < m->count && entry->mark == i;
}

static void compare(const struct model *m, const char *asked)
{
	struct namekey k;
	char text[NAME_MAX_WIRE + 1];
	bool at = false, below = false;
	size_t above = 0;
	for (unsigned i = 0; i < m->count; i++) {
		at |= strcmp(m->name[i], asked) == 0;
		below |= is_within(m->name[i], asked);
		if (is_within(asked, m->name[i]) && strlen(m->name[i]) > above)
			above = strlen(m->name[i]);
	}
	key(&k, asked);
	const struct nameset_entry *entry = nameset_at(&m->set, &k);
	assert_int_equal(entry != NULL, at);
	if (entry) {
		assert_true(is_in_model(m, entry, text));
		assert_string_equal(text, asked);
	}
	entry = nameset_below(&m->set, &k);
	assert_int_equal(entry != NULL, below);
	if (entry)
		assert_true(is_in_model(m, entry, text) && is_within(text, asked));
	if (at)
		assert_string_equal(text, asked);
	entry = nameset_above(&m->set, &k);
	assert_int_equal(entry != NULL, above > 0);
	if (entry) {
		assert_true(is_in_model(m, entry, text) && is_within(asked, text));
		assert_int_equal(strlen(text), above);
	}
}

static void against_a_list(void **state)
{
	(void)state;
	uint64_t seed = 20261124;
	for (unsigned round = 0; round < 300; round++) {
		struct model m = {.count = random_below(&seed, NAMES)};
		for (unsigned i = 0; i < m.count; i++) {
			struct namekey k;
			random_name(&seed, m.name[i]);
			key(&k, m.name[i]);
			assert_int_equal(nameset_add(&m.set, &k, i), 0);
		}
		nameset_sort(&m.set);
		for (unsigned i = 0; i < 200; i++) {
			char asked[MAX_TEXT];
			random_name(&seed, asked);
			compare(&m, asked);
		}
		nameset_free(&m.set);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(keys),
		cmocka_unit_test(against_a_list),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
