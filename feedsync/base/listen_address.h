/* SPDX-License-Identifier: BSD-3-Clause */
/* Where pages are offered: on this machine only, by an address of the loopback interface with a port, or by a socket in
 * the file system. */
#pragma once

#include <sys/socket.h>
#include <sys/un.h>

#include "libweir/attributes.h"

struct listen_address {
	union {
		struct sockaddr address;
		struct sockaddr_storage storage;
		struct sockaddr_un path;
	};
	socklen_t length;
};

/* Reads "127.0.0.1:9953", "[::1]:9953" or "/run/weir-pages/socket". Returns 0, or -EINVAL for anything else, also for an
 * address that other machines can reach. Any thread. */
must_check int listen_address_read(const char *text, struct listen_address *listen);
