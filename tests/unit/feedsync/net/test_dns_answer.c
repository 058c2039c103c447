/* SPDX-License-Identifier: BSD-3-Clause */
/* What answers say: the module's, another's, and no answer at all. */
#include "tests/unit/unit.h"

#include "feedsync/net/dns_answer.h"

/* NXDOMAIN with our SOA, as the module sends it: generation 258, made at 1700000000. */
static const uint8_t ours[] = {0x12, 0x34, 0x81, 0x83, 0, 1, 0, 0, 0, 1, 0, 0, /* header */
	9, 's', 'e', 'l', 'f', '-', 't', 'e', 's', 't', 4, 'w', 'e', 'i', 'r', 7, 'e', 'x', 'a', 'm', 'p', 'l', 'e', 0,
	0, 1, 0, 1,                              /* A IN */
	0xc0, 12, 0, 6, 0, 1, 0, 0, 0, 0, 0, 47, /* SOA IN, TTL 0 */
	9, 'l', 'o', 'c', 'a', 'l', 'h', 'o', 's', 't', 0, 6, 'n', 'o', 'b', 'o', 'd', 'y', 7, 'i', 'n', 'v', 'a', 'l',
	'i', 'd', 0, 0, 0, 1, 2, 0x65, 0x53, 0xf1, 0, 0, 0, 4, 0xb0, 0, 9, 0x3a, 0x80, 0, 0, 0, 0};
enum { RCODE = 3, ADDITIONAL = 11, OWNER = 41, TYPE = 43, LENGTH = 51, MNAME = 52, RNAME = 63, RETRY = 89 };

static bool read_edge(struct dns_answer *answer, const uint8_t *packet, size_t length)
{
	uint8_t *copy = edge_copy(packet, length);
	bool valid = dns_answer_read(answer, copy, length);
	edge_free(copy, length);
	return valid;
}

static void good(void **state)
{
	(void)state;
	struct dns_answer answer;
	assert_true(read_edge(&answer, ours, sizeof ours));
	assert_true(answer.blocked && dns_answer_is_enforced(&answer));
	assert_int_equal(answer.generation, 258);
	assert_int_equal(answer.created, 1700000000);
	assert_int_equal(answer.rcode, 3);
}

/* Messages of others: readable, and no table is enforced. */
static void others(void **state)
{
	(void)state;
	static const struct {
		unsigned at;
		uint8_t octet;
	} changes[] = {{RCODE, 0x80}, {RCODE, 0x85}, {OWNER, RNAME + 7 /* invalid */}, {TYPE, 2}, {MNAME + 1, 'r'},
		{RETRY, 0}};
	for (unsigned i = 0; i < sizeof changes / sizeof *changes; i++) {
		uint8_t packet[sizeof ours];
		struct dns_answer answer;
		memcpy(packet, ours, sizeof ours);
		packet[changes[i].at] = changes[i].octet;
		if (read_edge(&answer, packet, sizeof packet) && dns_answer_is_enforced(&answer))
			fail_msg("change %u", i);
	}
}

/* Whoever the operator names as contact: the module's record is known all the same. And so it is with the owner above the
 * name that was asked for. */
static void of_every_operator(void **state)
{
	(void)state;
	static const struct {
		unsigned at;
		uint8_t octet;
	} changes[] = {{RNAME + 1, 'r'}, {OWNER, 12 + 10 /* weir.example */}};
	for (unsigned i = 0; i < sizeof changes / sizeof *changes; i++) {
		uint8_t packet[sizeof ours];
		struct dns_answer answer;
		memcpy(packet, ours, sizeof ours);
		packet[changes[i].at] = changes[i].octet;
		assert_true(read_edge(&answer, packet, sizeof packet) && dns_answer_is_enforced(&answer));
	}
}

/* An extended error tells that a name is blocked, whatever the answer is. */
static void extended_errors(void **state)
{
	(void)state;
	static const struct {
		uint8_t options[12];
		uint8_t length;
		bool blocked;
	} rows[] = {
		{{0}, 0, false},
		{{0, 15, 0, 2, 0, 15}, 6, true},
		{{0, 15, 0, 3, 0, 17, 'x'}, 7, true},
		{{0, 15, 0, 2, 0, 4}, 6, true},
		{{0, 15, 0, 2, 0, 18}, 6, true},
		{{0, 15, 0, 2, 0, 22 /* no reachable authority */}, 6, false},
		{{0, 15, 0, 2, 0, 3 /* stale answer */}, 6, false},
		{{0, 10, 0, 2, 0, 15 /* a cookie */}, 6, false},
		{{0, 10, 0, 1, 7, 0, 15, 0, 2, 0, 16}, 11, true},
		{{0, 15, 0, 1, 15}, 5, false},
		{{0, 15, 0, 9, 0, 15}, 6, false},
		{{0, 15, 0}, 3, false},
	};
	enum { QUESTION_END = 40, OPT = 11 };
	for (unsigned i = 0; i < sizeof rows / sizeof *rows; i++) {
		uint8_t packet[QUESTION_END + OPT + sizeof rows->options] = {0};
		struct dns_answer answer;
		memcpy(packet, ours, QUESTION_END);
		packet[9] = 0;
		packet[ADDITIONAL] = 1;
		packet[QUESTION_END + 2] = 41;
		packet[QUESTION_END + 10] = rows[i].length;
		memcpy(packet + QUESTION_END + OPT, rows[i].options, rows[i].length);
		assert_true(read_edge(&answer, packet, QUESTION_END + OPT + rows[i].length));
		if (answer.blocked != rows[i].blocked || answer.has_table)
			fail_msg("row %u: blocked is %d", i, answer.blocked);
	}
}

static void words_of_codes(void **state)
{
	(void)state;
	char text[DNS_RCODE_TEXT];
	assert_string_equal(dns_rcode_text(2, text), "SERVFAIL");
	assert_string_equal(dns_rcode_text(9, text), "rcode 9");
	assert_true(dns_answer_is_failure(&(struct dns_answer){.rcode = 2}));
	assert_true(dns_answer_is_failure(&(struct dns_answer){.rcode = 5}));
	assert_false(dns_answer_is_failure(&(struct dns_answer){.rcode = 3}));
}

static void cut_off_and_lying(void **state)
{
	(void)state;
	struct dns_answer answer;
	for (size_t length = 0; length < sizeof ours; length++)
		assert_false(read_edge(&answer, ours, length) && dns_answer_is_enforced(&answer));
	for (unsigned value = 0; value < 256; value++) {
		uint8_t packet[sizeof ours];
		memcpy(packet, ours, sizeof ours);
		packet[LENGTH] = (uint8_t)value;
		assert_false(
			read_edge(&answer, packet, sizeof packet) && dns_answer_is_enforced(&answer) && value != 47);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(good),
		cmocka_unit_test(others),
		cmocka_unit_test(of_every_operator),
		cmocka_unit_test(extended_errors),
		cmocka_unit_test(words_of_codes),
		cmocka_unit_test(cut_off_and_lying),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
