/* SPDX-License-Identifier: BSD-3-Clause */
/* Which addresses may be those of a feed's server: those of the Internet at large. The others lead to this
 * machine, to what stands beside it, or nowhere, and a feed's server, a redirect or a name must not send feedsync
 * there. */
#pragma once

#include <stdbool.h>
#include <sys/socket.h>

#include "libweir/attributes.h"

/* What kind of address it is ("loopback", "private", ...), or NULL if it belongs to the Internet at large. If an IPv6
 * address stands for an IPv4 one (mapped, compatible, NAT64, 6to4), the IPv4 address counts. */
must_check const char *address_special(const struct sockaddr *address);

/* If it is an IPv6 address that stands for an IPv4 one, sets that one, without a port, and returns true. */
must_check bool address_carried(struct sockaddr_storage *carried, const struct sockaddr *address);

/* Copies an address of IPv4 or IPv6; of another one, its family only. */
void address_copy(struct sockaddr_storage *copy, const struct sockaddr *address);

/* The text of an address, without its port: "192.0.2.1", "2001:db8::1". */
#define ADDRESS_TEXT 64
const char *address_text(const struct sockaddr *address, char text[ADDRESS_TEXT]);

/* The port, in the host's order; 0 if it has none. */
unsigned address_port(const struct sockaddr *address);

/* Reads an address without brackets or scope, with this port. Returns whether it is one. */
must_check bool address_read(struct sockaddr_storage *address, const char *text, unsigned port);
