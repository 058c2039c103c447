/* SPDX-License-Identifier: BSD-3-Clause */
#include "plugin/clients.h"

#include <string.h>

#include "libweir/groups.h"
#include "plugin/compat.h"

enum {
	LONGEST = 65535,     /* octets of a message over TCP, */
	LONGEST_PLAIN = 512, /* and over UDP without EDNS */
	OPTION = 4,          /* octets of an EDNS option's head, */
	EDE = OPTION + 2,    /* and of an error without a text */
};

bool clients_wait(const struct module_qstate *qstate)
{
	return qstate->mesh_info->reply_list;
}

bool clients_include_unbound(const struct module_qstate *qstate)
{
	return qstate->mesh_info->cb_list;
}

const struct mesh_reply *clients_first(const struct module_qstate *qstate)
{
	return qstate->mesh_info->reply_list;
}

const struct mesh_reply *clients_next(const struct mesh_reply *client)
{
	return client->next;
}

uint16_t address_group(const struct policy *policy, const struct sockaddr_storage *from)
{
	uint8_t address[ADDRESS_LENGTH];
	if (policy->range_count == 0 || !address_from_socket(address, from))
		return GROUP_DEFAULT;
	return group_of(policy, address);
}

uint16_t client_group(const struct policy *policy, const struct mesh_reply *client)
{
	return client ? address_group(policy, client_address(client)) : GROUP_DEFAULT;
}

const struct sockaddr_storage *client_address(const struct mesh_reply *client)
{
	return client ? &client->query_reply.client_addr : NULL;
}

const struct mesh_reply *client_of(const struct comm_reply *to)
{
	return (const struct mesh_reply *)((const char *)to - offsetof(struct mesh_reply, query_reply));
}

bool client_is_udp(const struct mesh_reply *client)
{
	return client->query_reply.c->type == comm_udp;
}

bool clients_all_udp(const struct module_qstate *qstate)
{
	const struct mesh_reply *client = clients_first(qstate);
	bool all = client != NULL;
	for (; client; client = clients_next(client))
		all &= client_is_udp(client);
	return all;
}

static const struct mesh_reply *first_udp(const struct module_qstate *qstate)
{
	const struct mesh_reply *client = clients_first(qstate);
	while (client && !client_is_udp(client))
		client = clients_next(client);
	return client;
}

/* Unbound's own way to drop (is_drop) loses count of the clients in this release. With several of them on one stream it
 * also corrupts its list of free connections. So the clients are removed from the query, as when a connection is
 * closed. */
void clients_forget_udp(struct module_qstate *qstate)
{
	for (const struct mesh_reply *client; (client = first_udp(qstate));)
		compat_remove_reply(qstate->env->mesh, qstate->mesh_info, client->query_reply.c);
}

static size_t room_of(const struct mesh_reply *client)
{
	if (!client_is_udp(client))
		return LONGEST;
	return client->edns.edns_present ? client->edns.udp_size : LONGEST_PLAIN;
}

static bool tell_client(
	struct regional *region, struct mesh_reply *client, size_t size, uint16_t code, const char *text)
{
	struct edns_option **options = &client->edns.opt_list_out;
	size_t room = room_of(client);
	edns_opt_list_remove(options, LDNS_EDNS_EDE);
	return !client->edns.edns_present || size + EDE > room ||
	       edns_opt_list_append_ede(options, region, (sldns_ede_code)code,
		       text[0] && size + EDE + strlen(text) <= room ? text : NULL);
}

bool clients_tell(struct module_qstate *qstate, size_t size, uint16_t code, const char *text)
{
	bool told = true;
	for (struct mesh_reply *client = qstate->mesh_info->reply_list; client && told; client = client->next)
		told = tell_client(qstate->region, client, size, code, text);
	return told;
}

bool client_tell(
	struct module_qstate *qstate, const struct mesh_reply *client, size_t size, uint16_t code, const char *text)
{
	return tell_client(qstate->region, (struct mesh_reply *)client, size, code, text);
}

void clients_fit(struct module_qstate *qstate, size_t size)
{
	for (struct mesh_reply *client = qstate->mesh_info->reply_list; client; client = client->next) {
		const struct edns_option *ede = edns_opt_list_find(client->edns.opt_list_out, LDNS_EDNS_EDE);
		if (ede && size + OPTION + ede->opt_len > room_of(client))
			edns_opt_list_remove(&client->edns.opt_list_out, LDNS_EDNS_EDE);
	}
}
