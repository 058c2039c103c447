/* SPDX-License-Identifier: BSD-3-Clause */
#include "feedsync/base/listen_address.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int read_port(const char *text, in_port_t *port)
{
	size_t digits = strspn(text, "0123456789");
	long number = digits > 0 && digits <= 5 && text[digits] == '\0' ? strtol(text, NULL, 10) : 0;
	if (number < 1 || number > 65535)
		return -EINVAL;
	*port = htons((uint16_t)number);
	return 0;
}

static int read_socket_path(const char *text, struct listen_address *listen)
{
	if (strlen(text) >= sizeof listen->path.sun_path)
		return -EINVAL;
	listen->path.sun_family = AF_UNIX;
	memcpy(listen->path.sun_path, text, strlen(text) + 1);
	listen->length = sizeof listen->path;
	return 0;
}

static int read_ipv6(const char *text, const char *end, struct listen_address *listen)
{
	struct sockaddr_in6 *to = (struct sockaddr_in6 *)&listen->storage;
	char address[INET6_ADDRSTRLEN] = "";
	if (!end || end[1] != ':' || end - text >= (long)sizeof address)
		return -EINVAL;
	memcpy(address, text, (size_t)(end - text));
	to->sin6_family = AF_INET6;
	listen->length = sizeof *to;
	if (inet_pton(AF_INET6, address, &to->sin6_addr) != 1 || !IN6_IS_ADDR_LOOPBACK(&to->sin6_addr))
		return -EINVAL;
	return read_port(end + 2, &to->sin6_port);
}

static int read_ipv4(const char *text, const char *end, struct listen_address *listen)
{
	struct sockaddr_in *to = (struct sockaddr_in *)&listen->storage;
	char address[INET_ADDRSTRLEN] = "";
	if (!end || end - text >= (long)sizeof address)
		return -EINVAL;
	memcpy(address, text, (size_t)(end - text));
	to->sin_family = AF_INET;
	listen->length = sizeof *to;
	if (inet_pton(AF_INET, address, &to->sin_addr) != 1 || ntohl(to->sin_addr.s_addr) >> 24 != IN_LOOPBACKNET)
		return -EINVAL;
	return read_port(end + 1, &to->sin_port);
}

int listen_address_read(const char *text, struct listen_address *listen)
{
	memset(listen, 0, sizeof *listen);
	if (text[0] == '/')
		return read_socket_path(text, listen);
	if (text[0] == '[')
		return read_ipv6(text + 1, strchr(text, ']'), listen);
	return read_ipv4(text, strchr(text, ':'), listen);
}
