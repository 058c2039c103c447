/* SPDX-License-Identifier: BSD-3-Clause */
/* Which known word somebody may have meant. */
#include "tests/unit/unit.h"

#include "feedsync/base/nearest.h"

static void finds(void **state)
{
	static const char *const known[] = {"sync", "run", "status", "why", "history", "--accept", "--accept-table"};
	static const struct {
		const char *word, *nearest;
	} cases[] = {
		{"sinc", "sync"},        /* a letter changed */
		{"syn", "sync"},         /* left out */
		{"ssync", "sync"},       /* put in */
		{"snyc", "sync"},        /* swapped: one mistake, not two */
		{"statsu", "status"},    /* at the end */
		{"hsitroy", "history"},  /* two in seven letters */
		{"wy", "why"},           /* of a short word one */
		{"st", "status"},        /* a beginning */
		{"s", NULL},             /* one letter begins too much */
		{"xyzzy", NULL},         /* nothing like it */
		{"", NULL},              /* nothing at all */
		{"histxxx", NULL},       /* three in seven */
		{"--acept", "--accept"}, /* the nearer one of two */
		{"--accept-tabel", "--accept-table"},
		{"-----------------------------------------------------------------sync", NULL}, /* longer than any */
	};
	(void)state;
	for (unsigned i = 0; i < sizeof cases / sizeof *cases; i++) {
		const char *nearest = nearest_word(cases[i].word, known, sizeof known / sizeof *known);
		if (cases[i].nearest && nearest)
			assert_string_equal(nearest, cases[i].nearest);
		else
			assert_ptr_equal(nearest, cases[i].nearest);
	}
	assert_null(nearest_word("sync", NULL, 0));
}

/* The longest words that are compared stay within the rows. */
static void longest(void **state)
{
	char word[66], known[66];
	const char *list[] = {known};
	(void)state;
	memset(word, 'a', sizeof word);
	memset(known, 'a', sizeof known);
	word[63] = known[63] = '\0';
	word[31] = 'b';
	assert_string_equal(nearest_word(word, list, 1), known);
	word[63] = 'a';
	word[64] = '\0';
	assert_null(nearest_word(word, list, 1));
	word[30] = '\0';
	known[63] = 'c';
	known[64] = '\0';
	assert_ptr_equal(nearest_word(word, list, 1), known); /* it begins so */
	word[0] = 'b';
	assert_null(nearest_word(word, list, 1));
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(finds), cmocka_unit_test(longest)};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
