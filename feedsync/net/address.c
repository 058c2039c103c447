/* SPDX-License-Identifier: BSD-3-Clause */
#include "feedsync/net/address.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

struct block {
	uint8_t prefix[16];
	uint8_t bits;
	const char *is;
};

/* IANA's registries of special-purpose addresses (RFC 6890), without those that are part of the Internet at large.
 */
static const struct block ipv4_blocks[] = {
	{{0}, 8, "unspecified"},
	{{10}, 8, "private"},
	{{100, 64}, 10, "private"}, /* between a provider and his subscribers: RFC 6598 */
	{{127}, 8, "loopback"},
	{{169, 254}, 16, "link-local"},
	{{172, 16}, 12, "private"},
	{{192, 0, 0}, 24, "reserved"},
	{{192, 0, 2}, 24, "reserved"},
	{{192, 88, 99}, 24, "reserved"},
	{{192, 168}, 16, "private"},
	{{198, 18}, 15, "reserved"},
	{{198, 51, 100}, 24, "reserved"},
	{{203, 0, 113}, 24, "reserved"},
	{{224}, 4, "multicast"},
	{{240}, 4, "reserved"},
};

/* Addresses outside of 2000::/3 that are not listed are reserved as well. */
static const struct block ipv6_blocks[] = {
	{{0}, 128, "unspecified"},
	{{[15] = 1}, 128, "loopback"},
	{{0x20, 0x01}, 23, "reserved"}, /* Teredo, ORCHID and others: RFC 2928 */
	{{0x20, 0x01, 0x0d, 0xb8}, 32, "reserved"},
	{{0x3f, 0xff}, 20, "reserved"},
	{{0xfc}, 7, "private"},
	{{0xfe, 0x80}, 10, "link-local"},
	{{0xfe, 0xc0}, 10, "private"},
	{{0xff}, 8, "multicast"},
};

/* IPv6 addresses that stand for an IPv4 address, and the offset of that address in them. */
static const struct {
	struct block block;
	uint8_t at;
} carriers[] = {
	{{{[10] = 0xff, [11] = 0xff}, 96, ""}, 12},           /* mapped */
	{{{0x00, 0x64, 0xff, 0x9b}, 96, ""}, 12},             /* NAT64 */
	{{{0x00, 0x64, 0xff, 0x9b, 0x00, 0x01}, 48, ""}, 12}, /* NAT64 of one's own, as far as it is a /96 */
	{{{0x20, 0x02}, 16, ""}, 2},                          /* 6to4 */
};

static bool is_in(const uint8_t *address, const struct block *block)
{
	unsigned whole = block->bits / 8, rest = block->bits % 8;
	return memcmp(address, block->prefix, whole) == 0 &&
	       (rest == 0 || ((address[whole] ^ block->prefix[whole]) & (0xff << (8 - rest)) & 0xff) == 0);
}

static const char *find_block(const uint8_t *address, const struct block *blocks, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (is_in(address, &blocks[i]))
			return blocks[i].is;
	return NULL;
}

static const char *ipv4_special(const uint8_t address[4])
{
	return find_block(address, ipv4_blocks, sizeof ipv4_blocks / sizeof *ipv4_blocks);
}

/* The IPv4 address that an IPv6 address stands for, or NULL. */
static const uint8_t *carried_by(const uint8_t address[16])
{
	for (size_t i = 0; i < sizeof carriers / sizeof *carriers; i++)
		if (is_in(address, &carriers[i].block))
			return address + carriers[i].at;
	return NULL;
}

static const char *ipv6_special(const uint8_t address[16])
{
	const uint8_t *ipv4 = carried_by(address);
	if (ipv4)
		return ipv4_special(ipv4);
	const char *is = find_block(address, ipv6_blocks, sizeof ipv6_blocks / sizeof *ipv6_blocks);
	static const uint8_t zero[12];
	if (!is && memcmp(address, zero, sizeof zero) == 0)
		is = ipv4_special(address + 12); /* "compatible", long out of use */
	return is || (address[0] & 0xe0) == 0x20 ? is : "reserved";
}

const char *address_special(const struct sockaddr *address)
{
	if (address->sa_family == AF_INET)
		return ipv4_special((const uint8_t *)&((const struct sockaddr_in *)address)->sin_addr);
	if (address->sa_family == AF_INET6)
		return ipv6_special(((const struct sockaddr_in6 *)address)->sin6_addr.s6_addr);
	return "no Internet address";
}

bool address_carried(struct sockaddr_storage *carried, const struct sockaddr *address)
{
	const uint8_t *ipv4 = address->sa_family == AF_INET6
				      ? carried_by(((const struct sockaddr_in6 *)address)->sin6_addr.s6_addr)
				      : NULL;
	if (!ipv4)
		return false;
	struct sockaddr_in *to = (struct sockaddr_in *)carried;
	memset(carried, 0, sizeof *carried);
	to->sin_family = AF_INET;
	memcpy(&to->sin_addr, ipv4, 4);
	return true;
}

void address_copy(struct sockaddr_storage *copy, const struct sockaddr *address)
{
	memset(copy, 0, sizeof *copy);
	copy->ss_family = address->sa_family;
	if (address->sa_family == AF_INET || address->sa_family == AF_INET6)
		memcpy(copy, address,
			address->sa_family == AF_INET ? sizeof(struct sockaddr_in) : sizeof(struct sockaddr_in6));
}

const char *address_text(const struct sockaddr *address, char text[ADDRESS_TEXT])
{
	const void *octets = address->sa_family == AF_INET
				     ? (const void *)&((const struct sockaddr_in *)address)->sin_addr
				     : &((const struct sockaddr_in6 *)address)->sin6_addr;
	bool internet = address->sa_family == AF_INET || address->sa_family == AF_INET6;
	if (!internet || !inet_ntop(address->sa_family, octets, text, ADDRESS_TEXT))
		snprintf(text, ADDRESS_TEXT, "?");
	return text;
}

unsigned address_port(const struct sockaddr *address)
{
	if (address->sa_family == AF_INET)
		return ntohs(((const struct sockaddr_in *)address)->sin_port);
	return address->sa_family == AF_INET6 ? ntohs(((const struct sockaddr_in6 *)address)->sin6_port) : 0;
}

bool address_read(struct sockaddr_storage *address, const char *text, unsigned port)
{
	struct sockaddr_in *ipv4 = (struct sockaddr_in *)address;
	struct sockaddr_in6 *ipv6 = (struct sockaddr_in6 *)address;
	memset(address, 0, sizeof *address);
	if (inet_pton(AF_INET, text, &ipv4->sin_addr) == 1) {
		ipv4->sin_family = AF_INET;
		ipv4->sin_port = htons((uint16_t)port);
	} else if (inet_pton(AF_INET6, text, &ipv6->sin6_addr) == 1) {
		ipv6->sin6_family = AF_INET6;
		ipv6->sin6_port = htons((uint16_t)port);
	}
	return address->ss_family != 0;
}
