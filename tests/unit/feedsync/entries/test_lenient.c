/* SPDX-License-Identifier: BSD-3-Clause */
/* Names in whatever people write. */
#include "tests/unit/unit.h"

#include "feedsync/entries/lenient.h"
#include "libweir/name.h"

static int collect_name(void *context, const uint8_t *wire, size_t length, bool wide)
{
	char *text = context, name[NAME_MAX_TEXT];
	name_to_text(wire, length, name);
	snprintf(text + strlen(text), 256 - strlen(text), "%s%s%s", text[0] ? " " : "", wide ? "*." : "", name);
	return 0;
}

#define UNDERSTOOD REJECT_COUNT

static const struct {
	const char *text, *names;
	enum reject doubt;
} cases[] = {
	/* names, and what stands in front of or behind them */
	{"bank.example", "bank.example", UNDERSTOOD},
	{" Bank.Example. \r", "bank.example", UNDERSTOOD},
	{"bank.example..", "bank.example", UNDERSTOOD},
	{".bank.example", "*.bank.example", UNDERSTOOD},
	{"..bank.example", "*.bank.example", UNDERSTOOD},
	{"*.bank.example", "*.bank.example", UNDERSTOOD},
	{"+.bank.example", "*.bank.example", UNDERSTOOD},
	{"*bank.example", "*.bank.example", UNDERSTOOD},
	{"cdn*.bank.example", "*.bank.example", UNDERSTOOD},
	{"a.*.bank.example", "*.bank.example", UNDERSTOOD},
	{"b\xc3\xbc"
	 "cher.example",
		"xn--bcher-kva.example", UNDERSTOOD},
	/* several */
	{"bank.example, shop.example", "bank.example shop.example", UNDERSTOOD},
	{"bank.example;shop.example|x.example", "bank.example shop.example x.example", UNDERSTOOD},
	{"bank.example\tshop.example", "bank.example shop.example", UNDERSTOOD},
	/* comments */
	{"bank.example # ours", "bank.example", UNDERSTOOD},
	{"bank.example // ours", "bank.example", UNDERSTOOD},
	{"bank.example ; ours", "bank.example", UNDERSTOOD},
	{"bank.example ! ours", "bank.example", UNDERSTOOD},
	{"", "", UNDERSTOOD},
	{" \t", "", UNDERSTOOD},
	{"# bank.example", "", UNDERSTOOD},
	{"!bank.example", "", UNDERSTOOD},
	{";", "", UNDERSTOOD},
	{"// x", "", UNDERSTOOD},
	/* other syntaxes */
	{"0.0.0.0 bank.example shop.example", "bank.example shop.example", UNDERSTOOD},
	{"::1 localhost", "", UNDERSTOOD},
	{"localhost", "", UNDERSTOOD},
	{"||bank.example^", "bank.example", UNDERSTOOD},
	{"@@||bank.example^|", "bank.example", UNDERSTOOD},
	{"@@|bank.example|", "bank.example", UNDERSTOOD},
	{"@@||*.bank.example^", "*.bank.example", UNDERSTOOD},
	{"@@||bank.example^$important,domain=x.example|y.example", "bank.example", UNDERSTOOD},
	{"@@||bank.example", "bank.example", UNDERSTOOD},
	{"@@bank.example", "bank.example", UNDERSTOOD},
	{"@@|https://bank.example/|", "bank.example", UNDERSTOOD},
	{"address=/bank.example/shop.example/0.0.0.0", "bank.example shop.example", UNDERSTOOD},
	{"server=/bank.example/#", "bank.example", UNDERSTOOD},
	{"local-zone: \"bank.example.\" always_transparent", "bank.example", UNDERSTOOD},
	{"bank.example CNAME rpz-passthru.", "bank.example", UNDERSTOOD},
	{"DOMAIN-SUFFIX,bank.example,DIRECT", "bank.example", UNDERSTOOD},
	{"domain:bank.example", "bank.example", UNDERSTOOD},
	{"- \"bank.example\"", "bank.example", UNDERSTOOD},
	{"'bank.example',", "bank.example", UNDERSTOOD},
	{"https://u@bank.example:443/login?x=1,2", "bank.example", UNDERSTOOD},
	{"hxxps://bank[.]example/", "bank.example", UNDERSTOOD},
	{"bank[dot]example", "bank.example", UNDERSTOOD},
	{"bank.example:443", "bank.example", UNDERSTOOD},
	{"bank.example/login", "bank.example", UNDERSTOOD},
	{"bank.example\\ ", "bank.example", UNDERSTOOD},
	{"postmaster@bank.example", "bank.example", UNDERSTOOD},
	{"$TTL 300", "", UNDERSTOOD},
	/* what no rule is about */
	{"192.0.2.1", "", UNDERSTOOD},
	{"192.0.2.0/24", "", UNDERSTOOD},
	{"2001:db8::/32", "", UNDERSTOOD},
	{"[2001:db8::1]:443", "", UNDERSTOOD},
	/* doubts */
	{"bank", "", REJECT_SINGLE},
	{"bank example", "", REJECT_SINGLE},
	{"bank,example", "", REJECT_SINGLE},
	{"01ba4719c80b6fe911b091a7c05124b64eeece964e09c058ef8f9805daca546b", "", REJECT_SINGLE},
	{"bank..example", "", REJECT_EMPTY_LABEL},
	{"bank.example, sh..op.example", "bank.example", REJECT_EMPTY_LABEL},
	{"bank.*", "", REJECT_PATTERN},
	{"/bank[0-9]/", "", REJECT_PATTERN},
	{"<a href=\"https://bank.example/\">", "", REJECT_CHARACTER},
	{"b\xfc"
	 "cher.example",
		"", REJECT_IDNA},
	{"ban%6b.example", "", REJECT_CHARACTER},
	{"http://", "", REJECT_URL},
	{".", "", REJECT_SYNTAX},
	{"||^", "", REJECT_SYNTAX},
	{"@@", "", REJECT_SYNTAX},
};

static void texts(void **state)
{
	(void)state;
	for (unsigned i = 0; i < sizeof cases / sizeof *cases; i++) {
		size_t length = strlen(cases[i].text);
		uint8_t *text = edge_copy(cases[i].text, length);
		char names[256] = "";
		enum reject doubt;
		assert_int_equal(lenient_read((char *)text, length, collect_name, names, &doubt), 0);
		if (strcmp(names, cases[i].names) != 0 || doubt != cases[i].doubt)
			fail_msg("%s: \"%s\", %s", cases[i].text, names,
				doubt == UNDERSTOOD ? "understood" : reject_text(doubt));
		edge_free(text, length);
	}
}

static int refuse_name(void *context, const uint8_t *wire, size_t length, bool wide)
{
	(void)wire;
	(void)length;
	(void)wide;
	++*(unsigned *)context;
	return -7;
}

static void ends(void **state)
{
	(void)state;
	enum reject doubt;
	unsigned taken = 0;
	assert_int_equal(lenient_read("a.example, b.example c.example", 30, refuse_name, &taken, &doubt), -7);
	assert_int_equal(taken, 1);
	char names[256] = "";
	assert_int_equal(lenient_read("a.exa\0mple", 10, collect_name, names, &doubt), 0);
	assert_int_equal(doubt, REJECT_NUL);
	assert_string_equal(names, "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(texts),
		cmocka_unit_test(ends),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
