/* SPDX-License-Identifier: BSD-3-Clause */
/* Groups of clients: prefixes, and the ranges made of them beside a model that tries every prefix. */
#include "tests/unit/unit.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include "libweir/groups.h"

static void text(void **state)
{
	(void)state;
	static const struct {
		const char *text;
		int length; /* -1: refused */
		const char *first;
	} cases[] = {
		{"192.0.2.0/24", 120, "::ffff:192.0.2.0"},
		{"192.0.2.7", 128, "::ffff:192.0.2.7"},
		{"0.0.0.0/0", 96, "::ffff:0.0.0.0"},
		{"2001:db8::/32", 32, "2001:db8::"},
		{"::/0", 0, "::"},
		{"::1", 128, "::1"},
		{"::1/128", 128, "::1"},
		{"1111:2222:3333:4444:5555:6666:7777:8888:9999:aa", -1,
			NULL}, /* as long as there is room for, with no end */
		{"1111:2222:3333:4444:5555:6666:7777:8888:9999:a", -1, NULL},
		{"192.0.2.1/24", -1, NULL}, /* bits behind the length */
		{"2001:db8::1/64", -1, NULL},
		{"192.0.2.0/33", -1, NULL},
		{"::/129", -1, NULL},
		{"192.0.2.0/", -1, NULL},
		{"192.0.2.0/+24", -1, NULL},
		{"192.0.2.0/24x", -1, NULL},
		{"192.0.2.0/0024", -1, NULL},
		{"192.0.2", -1, NULL},
		{"example", -1, NULL},
		{"", -1, NULL},
		{"1111:2222:3333:4444:5555:6666:7777:8888:9999:aaaa:bbbb", -1, NULL},
	};
	for (unsigned i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct client_prefix prefix = {.group = 7};
		uint8_t first[ADDRESS_LENGTH];
		bool valid = prefix_from_text(cases[i].text, &prefix);
		if (valid != (cases[i].length >= 0))
			fail_msg("%s", cases[i].text);
		if (!valid)
			continue;
		assert_int_equal(prefix.length, cases[i].length);
		assert_int_equal(inet_pton(AF_INET6, cases[i].first, first), 1);
		assert_memory_equal(prefix.address, first, sizeof first);
		assert_int_equal(prefix.group, 7);
	}
}

/* IPv4 addresses lie on the line of all addresses; a socket of another kind has none. */
static void sockets(void **state)
{
	(void)state;
	struct sockaddr_storage socket = {.ss_family = AF_INET};
	struct sockaddr_in *ipv4 = (struct sockaddr_in *)&socket;
	struct sockaddr_in6 *ipv6 = (struct sockaddr_in6 *)&socket;
	uint8_t address[ADDRESS_LENGTH], wanted[ADDRESS_LENGTH];
	memset(address, 0x55, sizeof address);
	ipv4->sin_addr.s_addr = inet_addr("192.0.2.7");
	inet_pton(AF_INET6, "::ffff:192.0.2.7", wanted);
	assert_true(address_from_socket(address, &socket));
	assert_memory_equal(address, wanted, sizeof wanted);
	inet_pton(AF_INET6, "2001:db8::7", wanted);
	socket.ss_family = AF_INET6;
	memcpy(&ipv6->sin6_addr, wanted, sizeof wanted);
	assert_true(address_from_socket(address, &socket));
	assert_memory_equal(address, wanted, sizeof wanted);
	socket = (struct sockaddr_storage){.ss_family = AF_UNIX};
	assert_false(address_from_socket(address, &socket));
	assert_memory_equal(address, wanted, sizeof wanted); /* nothing is written */
}

static bool covers(const struct client_prefix *prefix, const uint8_t *address)
{
	for (unsigned bit = 0; bit < prefix->length; bit++)
		if ((prefix->address[bit / 8] ^ address[bit / 8]) & (0x80 >> bit % 8))
			return false;
	return true;
}

static uint16_t model(const struct client_prefix *prefixes, size_t count, const uint8_t *address)
{
	int best = -1;
	uint16_t group = GROUP_DEFAULT;
	for (size_t i = 0; i < count; i++) {
		if (!covers(&prefixes[i], address) || prefixes[i].length <= best)
			continue;
		best = prefixes[i].length;
		group = prefixes[i].group;
	}
	return group;
}

/* Few different bits, so that prefixes nest and touch, also at both ends of all addresses. */
static void random_address(uint8_t address[ADDRESS_LENGTH])
{
	memset(address, random() % 2 ? 0xff : 0, ADDRESS_LENGTH);
	for (long i = random() % 3; i > 0; i--)
		address[random() % ADDRESS_LENGTH] ^= (uint8_t)(0x80 >> random() % 8);
}

static bool equal(const struct client_prefix *a, const struct client_prefix *b)
{
	return a->length == b->length && memcmp(a->address, b->address, ADDRESS_LENGTH) == 0;
}

static size_t random_prefixes(struct client_prefix *prefixes, size_t most)
{
	size_t count = 0;
	for (size_t i = 0; i < most; i++) {
		struct client_prefix *p = &prefixes[count];
		random_address(p->address);
		p->length = (uint8_t)(random() % 4 ? random() % 129 : random() % 2 * 128);
		p->group = (uint8_t)(random() % 4);
		for (unsigned bit = p->length; bit < 128; bit++)
			p->address[bit / 8] &= (uint8_t) ~(0x80 >> bit % 8);
		bool seen = false;
		for (size_t other = 0; other < count; other++)
			seen |= equal(&prefixes[other], p);
		count += !seen;
	}
	return count;
}

static void ranges_like_prefixes(void **state)
{
	(void)state;
	srandom(1);
	for (unsigned round = 0; round < 400; round++) {
		struct client_prefix prefixes[200];
		size_t count = random_prefixes(prefixes, (size_t)random() % 200), range_count;
		struct client_range *ranges;
		prefixes_sort(prefixes, count);
		assert_int_equal(ranges_make(prefixes, count, &ranges, &range_count), 0);
		assert_in_range(range_count, 0, 2 * count + 1);
		const struct policy policy = {.ranges = ranges, .range_count = (uint32_t)range_count, .group_count = 3};
		for (unsigned i = 0; i < 300; i++) {
			uint8_t address[ADDRESS_LENGTH];
			random_address(address);
			if (count > 0 && i % 2)
				memcpy(address, prefixes[(size_t)random() % count].address, sizeof address);
			assert_int_equal(group_of(&policy, address), model(prefixes, count, address));
		}
		for (size_t i = 1; i < range_count; i++)
			assert_true(memcmp(ranges[i - 1].first, ranges[i].first, ADDRESS_LENGTH) < 0 &&
				    ranges[i - 1].group != ranges[i].group);
		free(ranges);
	}
	const struct policy none = {0};
	assert_int_equal(group_of(&none, (uint8_t[ADDRESS_LENGTH]){0}), GROUP_DEFAULT);
}

/* What becomes of prefixes that touch, nest, begin at the same place, or are all addresses. */
static void ranges_of_few(void **state)
{
	(void)state;
	static const struct {
		struct {
			const char *text;
			uint8_t group;
		} prefix[3], range[5]; /* each range with its first address */
	} cases[] = {
		{.range = {{"::", 0}}},
		{{{"::/0", 1}}, {{"::", 1}}},
		{{{"8000::/1", 0}}, {{"::", 0}}},
		{{{"8000::/1", 1}}, {{"::", 0}, {"8000::", 1}}},
		{{{"::/1", 1}}, {{"::", 1}, {"8000::", 0}}},
		{{{"2000::/4", 1}, {"3000::/4", 1}}, {{"::", 0}, {"2000::", 1}, {"4000::", 0}}},
		{{{"2000::/4", 1}, {"3000::/4", 2}}, {{"::", 0}, {"2000::", 1}, {"3000::", 2}, {"4000::", 0}}},
		{{{"2000::/4", 1}, {"2000::/8", 2}}, {{"::", 0}, {"2000::", 2}, {"2100::", 1}, {"3000::", 0}}},
		{{{"2000::/4", 1}, {"2000::/8", 1}}, {{"::", 0}, {"2000::", 1}, {"3000::", 0}}},
		{{{"2000::/4", 1}, {"2000::/8", 0}}, {{"::", 0}, {"2100::", 1}, {"3000::", 0}}},
		{{{"2000::/4", 1}, {"2f00::/8", 2}}, {{"::", 0}, {"2000::", 1}, {"2f00::", 2}, {"3000::", 0}}},
		{{{"::/0", 1}, {"::/8", 2}, {"ff00::/8", 3}}, {{"::", 2}, {"100::", 1}, {"ff00::", 3}}},
		{{{"::/0", 1}, {"::/8", 1}, {"ffff::/16", 1}}, {{"::", 1}}},
	};
	for (unsigned i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct client_prefix prefixes[3];
		struct client_range *ranges;
		size_t count = 0, wanted = 0, range_count;
		for (; count < 3 && cases[i].prefix[count].text; count++) {
			assert_true(prefix_from_text(cases[i].prefix[count].text, &prefixes[count]));
			prefixes[count].group = cases[i].prefix[count].group;
		}
		assert_int_equal(ranges_make(prefixes, count, &ranges, &range_count), 0);
		for (; wanted < 5 && cases[i].range[wanted].text; wanted++) {
			uint8_t first[ADDRESS_LENGTH];
			assert_int_equal(inet_pton(AF_INET6, cases[i].range[wanted].text, first), 1);
			if (wanted >= range_count || memcmp(ranges[wanted].first, first, sizeof first) != 0 ||
				ranges[wanted].group != cases[i].range[wanted].group)
				fail_msg("case %u: range %zu", i, wanted);
		}
		assert_int_equal(range_count, wanted);
		free(ranges);
	}
}

/* As many prefixes in each other as there are lengths. */
static void deepest_nesting(void **state)
{
	(void)state;
	enum { LENGTHS = 129 };
	struct client_prefix prefixes[LENGTHS];
	struct client_range *ranges;
	size_t range_count;
	for (unsigned i = 0; i < LENGTHS; i++)
		prefixes[i] = (struct client_prefix){.length = (uint8_t)i, .group = (uint8_t)(i % 3)};
	prefixes_sort(prefixes, LENGTHS);
	assert_int_equal(ranges_make(prefixes, LENGTHS, &ranges, &range_count), 0);
	const struct policy policy = {.ranges = ranges, .range_count = (uint32_t)range_count, .group_count = 2};
	for (unsigned bit = 0; bit <= 128; bit++) {
		uint8_t address[ADDRESS_LENGTH] = {0};
		if (bit < 128)
			address[bit / 8] = (uint8_t)(0x80 >> bit % 8);
		assert_int_equal(group_of(&policy, address), bit % 3);
	}
	free(ranges);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(text),
		cmocka_unit_test(sockets),
		cmocka_unit_test(ranges_of_few),
		cmocka_unit_test(deepest_nesting),
		cmocka_unit_test(ranges_like_prefixes),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
