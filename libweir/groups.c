/* SPDX-License-Identifier: BSD-3-Clause */
#include "libweir/groups.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

enum { BITS = ADDRESS_LENGTH * 8, MAX_NESTED = BITS + 2 };

void address_from_ipv4(uint8_t address[ADDRESS_LENGTH], const void *ipv4)
{
	static const uint8_t mapped[12] = {[10] = 0xff, [11] = 0xff};
	memcpy(address, mapped, sizeof mapped);
	memcpy(address + sizeof mapped, ipv4, 4);
}

bool address_from_socket(uint8_t address[ADDRESS_LENGTH], const struct sockaddr_storage *socket)
{
	if (socket->ss_family == AF_INET)
		address_from_ipv4(address, &((const struct sockaddr_in *)socket)->sin_addr);
	else if (socket->ss_family == AF_INET6)
		memcpy(address, &((const struct sockaddr_in6 *)socket)->sin6_addr, ADDRESS_LENGTH);
	else
		return false;
	return true;
}

/* Sets all bits behind the first `length`. Returns whether they were zero. */
static bool fill_behind(uint8_t address[ADDRESS_LENGTH], unsigned length)
{
	bool zero = true;
	for (unsigned i = 0; i < ADDRESS_LENGTH; i++) {
		unsigned kept = length > i * 8 ? length - i * 8 : 0;
		uint8_t behind = (uint8_t)(kept >= 8 ? 0 : 0xff >> kept);
		zero &= (address[i] & behind) == 0;
		address[i] |= behind;
	}
	return zero;
}

bool prefix_from_text(const char *text, struct client_prefix *prefix)
{
	char address[INET6_ADDRSTRLEN] = "";
	const char *slash = strchr(text, '/');
	size_t length = slash ? (size_t)(slash - text) : strlen(text);
	if (length >= sizeof address)
		return false;
	memcpy(address, text, length);
	uint8_t ipv4[4];
	bool is_ipv4 = inet_pton(AF_INET, address, ipv4) == 1;
	if (is_ipv4)
		address_from_ipv4(prefix->address, ipv4);
	else if (inet_pton(AF_INET6, address, prefix->address) != 1)
		return false;
	unsigned bits = is_ipv4 ? 32 : BITS, wanted = bits;
	if (slash) {
		size_t digits = strspn(slash + 1, "0123456789");
		if (digits < 1 || digits > 3 || slash[1 + digits] != '\0')
			return false;
		wanted = (unsigned)strtoul(slash + 1, NULL, 10);
	}
	if (wanted > bits)
		return false;
	prefix->length = (uint8_t)(BITS - bits + wanted);
	uint8_t last[ADDRESS_LENGTH];
	memcpy(last, prefix->address, sizeof last);
	return fill_behind(last, prefix->length);
}

static int by_address(const void *a, const void *b)
{
	const struct client_prefix *x = a, *y = b;
	int order = memcmp(x->address, y->address, ADDRESS_LENGTH);
	return order ? order : x->length - y->length;
}

void prefixes_sort(struct client_prefix *prefixes, size_t count)
{
	if (count > 1)
		qsort(prefixes, count, sizeof *prefixes, by_address);
}

/* Adds one. Returns whether there is a next address, and not the end of all. */
static bool next_address(uint8_t address[ADDRESS_LENGTH])
{
	for (unsigned i = ADDRESS_LENGTH; i-- > 0;)
		if (++address[i] != 0)
			return true;
	return false;
}

/* The ranges so far, and the prefixes that are open at the place reached, outermost first. */
struct sweep {
	struct client_range *range;
	size_t count;
	struct {
		uint8_t last[ADDRESS_LENGTH];
		uint8_t group;
	} open[MAX_NESTED];
	unsigned depth;
};

static void begin_range(struct sweep *s, const uint8_t first[ADDRESS_LENGTH], uint8_t group)
{
	bool same_place = memcmp(s->range[s->count - 1].first, first, ADDRESS_LENGTH) == 0;
	if (same_place)
		s->count--;
	if (s->count > 0 && s->range[s->count - 1].group == group)
		return;
	memcpy(s->range[s->count].first, first, ADDRESS_LENGTH);
	s->range[s->count++].group = group;
}

/* Closes the open prefixes that end before `address` (NULL: all). */
static void close_before(struct sweep *s, const uint8_t *address)
{
	while (s->depth > 0 && (!address || memcmp(s->open[s->depth - 1].last, address, ADDRESS_LENGTH) < 0)) {
		uint8_t *next = s->open[--s->depth].last;
		if (next_address(next))
			begin_range(s, next, s->depth > 0 ? s->open[s->depth - 1].group : GROUP_DEFAULT);
	}
}

int ranges_make(const struct client_prefix *prefixes, size_t count, struct client_range **ranges, size_t *range_count)
{
	struct sweep s = {.range = calloc(2 * count + 1, sizeof *s.range), .count = 1}; /* all addresses: the default */
	if (!s.range)
		return -ENOMEM;
	for (size_t i = 0; i < count; i++) {
		close_before(&s, prefixes[i].address);
		begin_range(&s, prefixes[i].address, prefixes[i].group);
		memcpy(s.open[s.depth].last, prefixes[i].address, ADDRESS_LENGTH);
		fill_behind(s.open[s.depth].last, prefixes[i].length);
		s.open[s.depth++].group = prefixes[i].group;
	}
	close_before(&s, NULL);
	*ranges = s.range;
	*range_count = s.count;
	return 0;
}

uint16_t group_of(const struct policy *policy, const uint8_t address[ADDRESS_LENGTH])
{
	size_t low = 0, high = policy->range_count;
	if (high == 0)
		return GROUP_DEFAULT;
	while (high - low > 1) {
		size_t middle = low + (high - low) / 2;
		if (memcmp(policy->ranges[middle].first, address, ADDRESS_LENGTH) <= 0)
			low = middle;
		else
			high = middle;
	}
	return policy->ranges[low].group;
}
