/* SPDX-License-Identifier: BSD-3-Clause */
/* What a sink hands on, counts, and keeps as an example. */
#include "tests/unit/unit.h"

#include "feedsync/entries/sink.h"

/* Takes what comes, in its own way. */
struct taker {
	int status; /* what it returns */
	struct sink sink;
	struct parse_counts counts;
	struct samples samples;
	char taken[2048]; /* "scope:name as written=wire" */
	unsigned refused;
};

static int take_rule(void *context, const struct rule *rule)
{
	struct taker *t = context;
	char name[NAME_MAX_TEXT];
	name_to_text(rule->wire, rule->length, name);
	snprintf(t->taken, sizeof t->taken, "%s%s:%.*s=%s", rule->kind == RULE_EXCEPT ? "except-" : "",
		scope_text(rule->scope), (int)t->sink.length, t->sink.text, name);
	if (t->status == SINK_REJECTED)
		sink_reject(&t->sink, t->sink.position, REJECT_GUARDED, "by the taker", 12);
	return t->status;
}

static void count_refused(void *context, enum reject reject, const char *text, size_t length)
{
	struct taker *t = context;
	(void)reject, (void)text, (void)length;
	t->refused++;
}

static struct taker *taker_new(int status)
{
	struct taker *t = calloc(1, sizeof *t);
	t->status = status;
	t->sink = (struct sink){
		.take = take_rule, .refuse = count_refused, .context = t, .counts = &t->counts, .samples = &t->samples};
	return t;
}

static const struct detail detail = {"detail", NULL, 0};
static const struct position position = {"doc", 7, &detail};

static int give(struct taker *t, const char *text, enum scope scope)
{
	return sink_name(&t->sink, &position, text, strlen(text), scope);
}

static void taken(void **state)
{
	(void)state;
	struct taker *t = taker_new(0);
	assert_int_equal(give(t, " WWW.Evil.example. ", SCOPE_SUBTREE), 0);
	assert_string_equal(t->taken, "subtree: WWW.Evil.example. =www.evil.example");
	assert_int_equal(sink_rule(&t->sink, &position, "a.example", 9, SCOPE_EXACT, RULE_EXCEPT), 0);
	assert_string_equal(t->taken, "except-exact:a.example=a.example");
	assert_int_equal(t->counts.entries, 2);
	assert_int_equal(t->counts.nodes, 2 + 1);
	assert_int_equal(t->counts.octets, 18 + 11);
	assert_int_equal(counts_rejected(&t->counts), 0);
	assert_int_equal(t->refused, 0);
	free(t);
}

static void not_taken(void **state)
{
	(void)state;
	static const struct {
		const char *text;
		enum scope scope;
		enum reject reject;
	} cases[] = {
		{"evil", SCOPE_EXACT, REJECT_SINGLE},
		{"192.0.2.1", SCOPE_EXACT, REJECT_ADDRESS},
		{"a..example", SCOPE_EXACT, REJECT_EMPTY_LABEL},
		/* The self-test stays what it is, whatever a list says. */
		{"self-test.weir.example", SCOPE_EXACT, REJECT_SELF_TEST},
		{"x.self-test.weir.example", SCOPE_EXACT, REJECT_SELF_TEST},
		{"weir.example", SCOPE_SUBTREE, REJECT_SELF_TEST},
		{"weir.example", SCOPE_BELOW, REJECT_SELF_TEST},
	};
	for (unsigned i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct taker *t = taker_new(-1);
		assert_int_equal(give(t, cases[i].text, cases[i].scope), 0);
		if (t->counts.rejected[cases[i].reject] != 1 || counts_rejected(&t->counts) != 1 || t->taken[0] ||
			t->refused != 1)
			fail_msg("%s: not %s", cases[i].text, reject_key(cases[i].reject));
		assert_non_null(strstr(t->counts.first.text, "doc:7 detail: "));
		assert_non_null(strstr(t->counts.first.text, cases[i].text));
		free(t);
	}
	struct taker *above = taker_new(0);
	assert_int_equal(give(above, "weir.example", SCOPE_EXACT), 0);
	assert_int_equal(above->counts.entries, 1);
	free(above);
}

/* What the taker rejects is no entry and no error; an error of its own ends the parse. */
static void by_the_taker(void **state)
{
	(void)state;
	struct taker *t = taker_new(SINK_REJECTED);
	assert_int_equal(give(t, "a.example", SCOPE_EXACT), 0);
	assert_int_equal(t->counts.entries, 0);
	assert_int_equal(t->counts.rejected[REJECT_GUARDED], 1);
	assert_string_equal(t->samples.sample[0].text, "doc:7 detail: by the taker");
	t->status = -7;
	assert_int_equal(give(t, "a.example", SCOPE_EXACT), -7);
	assert_int_equal(t->counts.entries, 0);
	free(t);
}

/* However many are rejected, no more examples of a reason are kept than are wanted, and all fit. */
static void examples(void **state)
{
	(void)state;
	struct taker *t = taker_new(0);
	char name[32];
	for (enum reject r = 0; r < REJECT_COUNT; r++) {
		for (unsigned i = 0; i < 30; i++) {
			int length = snprintf(name, sizeof name, "entry\033%u", i);
			sink_reject(&t->sink, &position, r, name, (size_t)length);
		}
		unsigned kept = 0;
		for (unsigned i = 0; i < t->samples.count; i++)
			kept += t->samples.sample[i].reject == r;
		if (kept != reject_samples(r))
			fail_msg("%s: %u examples, not %u", reject_key(r), kept, reject_samples(r));
	}
	assert_string_equal(t->counts.first.text, "doc:7 detail: entry\\x1b0");
	char text[COUNTS_REASONS], all[64];
	int length = snprintf(all, sizeof all, "%d rejected: 30 empty label; 30 label longer", 30 * REJECT_COUNT);
	assert_memory_equal(counts_reasons(&t->counts, text), all, (size_t)length);
	free(t);
}

/* What frees names is read again, and what is not understood of it is counted apart. */
static void freeing(void **state)
{
	(void)state;
	static const struct {
		const char *text;
		bool frees, rereads, by_line; /* by_line: the parser itself rejects the line as malformed */
		enum rule_kind kind;
		const char *taken; /* the last one */
		unsigned entries, rejected, not_freed;
	} cases[] = {
		{"bank.example, shop.example", false, true, false, RULE_BLOCK, "", 0, 1, 0},
		{"bank.example, shop.example", true, false, false, RULE_BLOCK,
			"exact:bank.example, shop.example=shop.example", 2, 0, 0},
		{"*.bank.example|", true, false, false, RULE_BLOCK, "subtree:*.bank.example|=bank.example", 1, 0, 0},
		{"bank.example, sh..op.example", true, false, false, RULE_BLOCK,
			"exact:bank.example, sh..op.example=bank.example", 1, 1, 1},
		{"192.0.2.1", true, false, false, RULE_BLOCK, "", 0, 1, 0},
		{"good.example|", false, false, false, RULE_EXCEPT, "except-exact:good.example|=good.example", 1, 0, 0},
		{"go..od.example", false, false, false, RULE_EXCEPT, "", 0, 1, 1},
		{"shop.", false, false, false, RULE_EXCEPT, "", 0, 1, 0},
		{"shop", true, false, false, RULE_BLOCK, "", 0, 1, 1},
		{"go..od.example", false, false, false, RULE_CANCEL, "", 0, 1, 0},
		{"0.0.0.0 bank.example", false, true, true, RULE_BLOCK, "", 0, 1, 0},
		{"0.0.0.0 bank.example", true, true, true, RULE_BLOCK, "subtree:0.0.0.0 bank.example=bank.example", 1,
			0, 0},
		{"0.0.0.0 bank.example", true, false, true, RULE_BLOCK, "", 0, 1, 1},
		{"a..b", true, true, true, RULE_BLOCK, "", 0, 1, 1},
		{"weir.example", true, true, true, RULE_BLOCK, "", 0, 1, 0}, /* the self-test's */
	};
	for (unsigned i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct taker *t = taker_new(0);
		t->sink.frees = cases[i].frees;
		t->sink.rereads = cases[i].rereads;
		t->sink.scope = SCOPE_SUBTREE;
		size_t length = strlen(cases[i].text);
		if (cases[i].by_line)
			sink_reject(&t->sink, &position, REJECT_SYNTAX, cases[i].text, length);
		else
			assert_int_equal(
				sink_rule(&t->sink, &position, cases[i].text, length, SCOPE_EXACT, cases[i].kind), 0);
		if (strcmp(t->taken, cases[i].taken) != 0 || t->counts.entries != cases[i].entries ||
			counts_rejected(&t->counts) != cases[i].rejected || t->counts.not_freed != cases[i].not_freed)
			fail_msg("%u: \"%s\", %u entries, %u rejected, %u not freed", i, t->taken,
				(unsigned)t->counts.entries, (unsigned)counts_rejected(&t->counts),
				(unsigned)t->counts.not_freed);
		free(t);
	}
	/* An error of the taker is not lost where the parser cannot be told. */
	struct taker *t = taker_new(-7);
	t->sink.frees = t->sink.rereads = true;
	sink_reject(&t->sink, &position, REJECT_SYNTAX, "0.0.0.0 bank.example", 20);
	assert_int_equal(t->sink.reread_status, -7);
	/* What is too long, or has a NUL octet, is not all that stood there. */
	sink_reject(&t->sink, &position, REJECT_LONG_LINE, "bank.example", 12);
	sink_reject(&t->sink, &position, REJECT_NUL, "bank.example", 12);
	sink_reject(&t->sink, &position, REJECT_OPTION, "bank.example", 12);
	assert_int_equal(t->counts.not_freed, 2);
	assert_string_equal(t->counts.not_freed_first.text, "doc:7 detail: bank.example");
	free(t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(taken),
		cmocka_unit_test(not_taken),
		cmocka_unit_test(by_the_taker),
		cmocka_unit_test(examples),
		cmocka_unit_test(freeing),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
