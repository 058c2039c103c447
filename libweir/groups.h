/* SPDX-License-Identifier: BSD-3-Clause */
/* Which group a client belongs to: prefixes as an operator writes them, and the ranges that they are compiled into.
 *
 * Idea: of nested prefixes the longest counts, so along the line of all addresses the group changes only where some
 * prefix begins or ends: at most twice as many ranges as prefixes, in which a binary search finds a client. IPv4
 * addresses lie on the same line, as ::ffff:a.b.c.d.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "libweir/attributes.h"
#include "libweir/policy.h"

struct client_prefix {
	uint8_t address[ADDRESS_LENGTH];
	uint8_t length; /* bits, of 128 */
	uint8_t group;
};

/* Reads "192.0.2.0/24", "2001:db8::/32", or an address alone. Returns whether it is a prefix that has no bits set behind
 * its length. Leaves the group as it is. */
must_check bool prefix_from_text(const char *text, struct client_prefix *prefix);

/* Orders prefixes for ranges_make; equal ones stand side by side then. */
void prefixes_sort(struct client_prefix *prefixes, size_t count);

/* Makes ranges from sorted prefixes, no two of them equal. Returns 0 and a malloc'ed array, or -ENOMEM. */
must_check int ranges_make(
	const struct client_prefix *prefixes, size_t count, struct client_range **ranges, size_t *range_count);

/* The group of an address. Any thread. */
uint16_t group_of(const struct policy *policy, const uint8_t address[ADDRESS_LENGTH]);

/* Writes an IPv4 address, 4 octets in network order, as one of 16. */
void address_from_ipv4(uint8_t address[ADDRESS_LENGTH], const void *ipv4);

struct sockaddr_storage;
/* Writes a socket's address. Returns whether it is one of IPv4 or IPv6; if not, nothing is written. Any thread. */
must_check bool address_from_socket(uint8_t address[ADDRESS_LENGTH], const struct sockaddr_storage *socket);
