/* SPDX-License-Identifier: BSD-3-Clause */
/* Names that too much depends on: which rules would hit one, and what it is needed for. */
#include "tests/unit/unit.h"

#include "feedsync/guard/essential.h"

static struct nameset set;

static int load(void **state)
{
	(void)state;
	return essential_load(&set);
}

static int unload(void **state)
{
	(void)state;
	nameset_free(&set);
	return 0;
}

static struct namekey key_of(const char *name)
{
	name_storage wire;
	struct namekey key;
	namekey_of(&key, wire, wire_of(name, wire));
	return key;
}

static void hits(void **state)
{
	(void)state;
	static const struct {
		const char *name;
		enum scope scope;
		const char *hit, *use; /* NULL: nothing */
	} cases[] = {
		/* the name itself, and a subtree above it */
		{"www.google.com", SCOPE_EXACT, "www.google.com", "whether one is online"},
		{"www.google.com", SCOPE_SUBTREE, "www.google.com", "whether one is online"},
		{"debian.org", SCOPE_SUBTREE, "deb.debian.org", "updates of systems"},
		{"debian.org", SCOPE_EXACT, NULL, NULL},
		{"google.com", SCOPE_EXACT, NULL, NULL},
		/* below a name: its customers, unless it is all one keeper's */
		{"evil.www.google.com", SCOPE_EXACT, NULL, NULL},
		{"evil.www.google.com", SCOPE_SUBTREE, NULL, NULL},
		{"a.root-servers.net", SCOPE_EXACT, "root-servers.net", "the DNS itself"},
		{"x.y.2.debian.pool.ntp.org", SCOPE_SUBTREE, "pool.ntp.org", "what time it is"},
		{"r3.o.lencr.org", SCOPE_EXACT, "lencr.org", "whether certificates hold"},
		/* neither */
		{"evil.example", SCOPE_SUBTREE, NULL, NULL},
		{"xroot-servers.net", SCOPE_SUBTREE, NULL, NULL},
		{"root-servers.net.evil.example", SCOPE_SUBTREE, NULL, NULL},
	};
	for (unsigned i = 0; i < sizeof cases / sizeof *cases; i++) {
		const struct namekey key = key_of(cases[i].name);
		const struct nameset_entry *entry = essential_hit(&set, &key, cases[i].scope);
		const char *hit = cases[i].hit ? cases[i].hit : "", *use = cases[i].use ? cases[i].use : "";
		char name[NAME_MAX_WIRE + 1] = "";
		if (entry)
			nameset_text(&set, entry, name);
		if (strcmp(name, hit) != 0 || (entry && strcmp(essential_use(entry), use) != 0))
			fail_msg("%s %s: hits \"%s\" (%s), not \"%s\" (%s)", scope_text(cases[i].scope), cases[i].name,
				name, entry ? essential_use(entry) : "", hit, use);
	}
}

/* Each of the list's own names is hit, whatever the rule's scope. */
static void every_name(void **state)
{
	(void)state;
	assert_true(set.count > 150);
	for (size_t i = 0; i < set.count; i++) {
		char name[NAME_MAX_WIRE + 1];
		nameset_text(&set, &set.entry[i], name);
		const struct namekey key = key_of(name);
		if (!essential_hit(&set, &key, SCOPE_EXACT) || !essential_hit(&set, &key, SCOPE_SUBTREE))
			fail_msg("%s: nothing is hit", name);
		assert_string_not_equal(essential_use(&set.entry[i]), "");
	}
}

static void registries(void **state)
{
	(void)state;
	static const struct {
		const char *name;
		bool is;
	} cases[] = {
		{"nic.cz", true},
		{"a.nic.cz", true},
		{"b.a.nic.cz", false}, /* a registry's customer */
		{"nicx.cz", false},
		{"xnic.cz", false},
		{"nic.evil.example", false},
		{"evil.example", false},
	};
	for (unsigned i = 0; i < sizeof cases / sizeof *cases; i++) {
		const struct namekey key = key_of(cases[i].name);
		if (essential_is_registry(&key) != cases[i].is)
			fail_msg("%s: %s a registry's", cases[i].name, cases[i].is ? "is not" : "is");
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(hits),
		cmocka_unit_test(every_name),
		cmocka_unit_test(registries),
	};
	return cmocka_run_group_tests(tests, load, unload);
}
