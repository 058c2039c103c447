/* SPDX-License-Identifier: BSD-3-Clause */
#include "feedsync/net/destination.h"

#include <stdbool.h>
#include <stdint.h>
#include <sys/socket.h>

#include "feedsync/net/address.h"
#include "feedsync/net/route.h"
#include "libweir/groups.h"

static bool is_within(const uint8_t address[ADDRESS_LENGTH], const struct client_prefix *network)
{
	for (unsigned bit = 0; bit < network->length; bit++)
		if ((address[bit / 8] ^ network->address[bit / 8]) & (0x80 >> bit % 8))
			return false;
	return true;
}

static const char *forbidden_by_itself(const struct networks *networks, const struct sockaddr_storage *address)
{
	uint8_t octets[ADDRESS_LENGTH];
	bool here = false;
	if (route_stays_here((const struct sockaddr *)address, &here) != 0)
		return "none of which the kernel tells (over AF_NETLINK) whether it is this machine's own";
	if (here)
		return "this machine's own";
	for (size_t i = 0; address_from_socket(octets, address) && i < networks->count; i++)
		if (is_within(octets, &networks->prefix[i]))
			return "in a network of \"private-networks\"";
	return NULL;
}

const char *destination_forbidden(const struct networks *networks, const struct sockaddr *address)
{
	const char *is = address_special(address);
	struct sockaddr_storage written, meant;
	if (is)
		return is;
	address_copy(&written, address);
	is = forbidden_by_itself(networks, &written);
	return is || !address_carried(&meant, address) ? is : forbidden_by_itself(networks, &meant);
}
