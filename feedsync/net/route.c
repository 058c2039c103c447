/* SPDX-License-Identifier: BSD-3-Clause */
/* Asks the kernel about one address. A list of the interfaces' addresses (getifaddrs) is not enough: a whole network on
 * the loopback interface, and a network that a route of type "local" leads here, belong to this machine without being
 * listed one by one. */
#include "feedsync/net/route.h"

#include <errno.h>
#include <linux/rtnetlink.h>
#include <netinet/in.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* Asks for the route to an address. */
struct route_question {
	struct nlmsghdr header;
	struct rtmsg route;
	struct rtattr attribute;
	uint8_t address[16];
};

static bool make_question(struct route_question *q, const struct sockaddr *address)
{
	bool ipv6 = address->sa_family == AF_INET6;
	const void *octets = ipv6 ? (const void *)&((const struct sockaddr_in6 *)address)->sin6_addr
				  : &((const struct sockaddr_in *)address)->sin_addr;
	unsigned length = ipv6 ? 16 : 4;
	*q = (struct route_question){
		.header = {.nlmsg_type = RTM_GETROUTE, .nlmsg_flags = NLM_F_REQUEST},
		.route = {.rtm_family = (uint8_t)address->sa_family, .rtm_dst_len = (uint8_t)(length * 8)},
		.attribute = {.rta_type = RTA_DST, .rta_len = (uint16_t)RTA_LENGTH(length)},
	};
	memcpy(q->address, octets, length);
	q->header.nlmsg_len = (uint32_t)(offsetof(struct route_question, address) + length);
	return ipv6 || address->sa_family == AF_INET;
}

/* The kernel answers before send() returns: there is nothing to wait for. */
static int ask_kernel(int fd, const struct route_question *q, void *answer, size_t room)
{
	if (send(fd, q, q->header.nlmsg_len, 0) < 0)
		return -errno;
	ssize_t length = recv(fd, answer, room, MSG_DONTWAIT);
	if (length < 0)
		return -errno;
	return (size_t)length >= sizeof(struct nlmsghdr) + sizeof(struct rtmsg) ? 0 : -EBADMSG;
}

int route_stays_here(const struct sockaddr *address, bool *here)
{
	struct route_question q;
	struct {
		struct nlmsghdr header;
		struct rtmsg route; /* unless the header says that it is an error: there is no way there */
		uint8_t more[4096];
	} answer = {0}; /* an answer may be shorter */
	*here = false;
	if (!make_question(&q, address))
		return -EAFNOSUPPORT;
	int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE);
	if (fd < 0)
		return -errno;
	int status = ask_kernel(fd, &q, &answer, sizeof answer);
	close(fd);
	if (status == 0 && answer.header.nlmsg_type == RTM_NEWROUTE) {
		uint8_t type = answer.route.rtm_type;
		*here = type == RTN_LOCAL || type == RTN_BROADCAST || type == RTN_ANYCAST;
	}
	return status;
}
