#include "unit.h"

#include <errno.h>
#include <unistd.h>

#include "guard.h"

static void suffixes(void **state)
{
	(void)state;
	char path[] = "/tmp/weir-unit-XXXXXX";
	int fd = mkstemp(path);
	static const char list[] = "// ===BEGIN ICANN DOMAINS===\ncom\nuk\nco.uk\n*.wild.test\n!free.wild.test\n"
				   "// ===END ICANN DOMAINS===\n// ===BEGIN PRIVATE DOMAINS===\nhosting.example\n"
				   "// ===END PRIVATE DOMAINS===\n";
	assert_int_equal(write(fd, list, sizeof list - 1), sizeof list - 1);
	close(fd);
	struct guard *guard;
	struct why why;
	assert_int_equal(guard_new(&guard, path, &why), 0);
	static const struct {
		const char *name;
		enum scope scope;
		bool refused;
	} cases[] = {
		{"co.uk", SCOPE_SUBTREE, true},
		{"co.uk", SCOPE_EXACT, false},
		{"a.co.uk", SCOPE_SUBTREE, false},
		{"hosting.example", SCOPE_SUBTREE, true},
		{"customer.hosting.example", SCOPE_SUBTREE, false},
		{"any.wild.test", SCOPE_SUBTREE, true},
		{"free.wild.test", SCOPE_SUBTREE, false},
		{"evil.com", SCOPE_SUBTREE, false},
		{"unknown.tld", SCOPE_SUBTREE, false},
	};
	for (unsigned i = 0; i < sizeof cases / sizeof *cases; i++) {
		name_storage wire;
		const struct rule rule = {wire, wire_of(cases[i].name, wire), cases[i].scope, RULE_BLOCK};
		enum reject reject = REJECT_COUNT;
		if (guard_refuses(guard, &rule, &reject) != cases[i].refused)
			fail_msg("%s", cases[i].name);
		if (cases[i].refused)
			assert_int_equal(reject, REJECT_SUFFIX);
	}
	guard_free(&guard);
	assert_null(guard);
	unlink(path);
}

static void without_a_list(void **state)
{
	(void)state;
	struct guard *guard;
	struct why why;
	assert_true(guard_new(&guard, "/nonexistent", &why) < 0);
	assert_non_null(strstr(why.text, "/nonexistent"));
	char path[] = "/tmp/weir-unit-XXXXXX";
	int fd = mkstemp(path);
	assert_true(guard_new(&guard, path, &why) < 0); /* an empty list guards nothing */
	assert_int_equal(write(fd, "<html>\nlogin\n", 13), 13);
	assert_int_equal(guard_new(&guard, path, &why), -EBADMSG);
	assert_non_null(strstr(why.text, "no public suffix list"));
	close(fd);
	unlink(path);
	assert_int_equal(guard_new(&guard, NULL, &why), 0);
	guard_free(&guard);
	guard_free(&guard);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(suffixes),
		cmocka_unit_test(without_a_list),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
