/* SPDX-License-Identifier: BSD-3-Clause */
/* What an answer to the self-test says: the module's, another's, and no answer at all. */
#include "tests/unit/unit.h"

#include "feedsync/commands/probe.h"

/* NXDOMAIN with our SOA, as the module sends it: generation 258, made at 1700000000. */
static const uint8_t ours[] = {0x12, 0x34, 0x81, 0x83, 0, 1, 0, 0, 0, 1, 0, 0, /* header */
	9, 's', 'e', 'l', 'f', '-', 't', 'e', 's', 't', 4, 'w', 'e', 'i', 'r', 7, 'e', 'x', 'a', 'm', 'p', 'l', 'e', 0,
	0, 1, 0, 1,                              /* A IN */
	0xc0, 12, 0, 6, 0, 1, 0, 0, 0, 0, 0, 47, /* SOA IN, TTL 0 */
	9, 'l', 'o', 'c', 'a', 'l', 'h', 'o', 's', 't', 0, 6, 'n', 'o', 'b', 'o', 'd', 'y', 7, 'i', 'n', 'v', 'a', 'l',
	'i', 'd', 0, 0, 0, 1, 2, 0x65, 0x53, 0xf1, 0, 0, 0, 4, 0xb0, 0, 9, 0x3a, 0x80, 0, 0, 0, 0};
enum { RCODE = 3, OWNER = 41, TYPE = 43, LENGTH = 51, RNAME = 63 };

static bool read_edge(struct probe_answer *answer, const uint8_t *packet, size_t length)
{
	uint8_t *copy = edge_copy(packet, length);
	bool valid = probe_read(answer, copy, length);
	edge_free(copy, length);
	return valid;
}

static void good(void **state)
{
	(void)state;
	struct probe_answer answer;
	assert_true(read_edge(&answer, ours, sizeof ours));
	assert_true(answer.blocks);
	assert_int_equal(answer.generation, 258);
	assert_int_equal(answer.created, 1700000000);
	assert_int_equal(answer.rcode, 3);
}

/* Messages of others: readable, and not blocked. */
static void others(void **state)
{
	(void)state;
	static const struct {
		unsigned at;
		uint8_t octet;
	} changes[] = {{RCODE, 0x80}, {RCODE, 0x85}, {OWNER, 12 + 10 /* weir.example */}, {TYPE, 2}, {RNAME + 1, 'r'}};
	for (unsigned i = 0; i < sizeof changes / sizeof *changes; i++) {
		uint8_t packet[sizeof ours];
		struct probe_answer answer;
		memcpy(packet, ours, sizeof ours);
		packet[changes[i].at] = changes[i].octet;
		if (read_edge(&answer, packet, sizeof packet) && answer.blocks)
			fail_msg("change %u", i);
	}
}

static void cut_off_and_lying(void **state)
{
	(void)state;
	struct probe_answer answer;
	for (size_t length = 0; length < sizeof ours; length++)
		assert_false(read_edge(&answer, ours, length) && answer.blocks);
	for (unsigned value = 0; value < 256; value++) {
		uint8_t packet[sizeof ours];
		memcpy(packet, ours, sizeof ours);
		packet[LENGTH] = (uint8_t)value;
		assert_false(read_edge(&answer, packet, sizeof packet) && answer.blocks && value != 47);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(good),
		cmocka_unit_test(others),
		cmocka_unit_test(cut_off_and_lying),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
