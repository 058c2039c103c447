/* SPDX-License-Identifier: BSD-3-Clause */
/* The clients that wait for a query's answer. Unbound lets several share one query, and more may join until it ends. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "libweir/attributes.h"
#include "libweir/policy.h"

struct comm_reply;
struct mesh_reply;
struct module_qstate;
struct sockaddr_storage;

/* Whether a client waits. */
bool clients_wait(const struct module_qstate *qstate);

/* Whether a part of Unbound waits that asks as clients do (mesh_new_callback), for the servers of its authority zones or
 * the keys of its trust anchors. It is not a client. */
bool clients_include_unbound(const struct module_qstate *qstate);

/* The first client, and the next; NULL after the last. */
const struct mesh_reply *clients_first(const struct module_qstate *qstate);
const struct mesh_reply *clients_next(const struct mesh_reply *client);

/* The group of a client. NULL, which asks without an address, belongs to the default group. */
uint16_t client_group(const struct policy *policy, const struct mesh_reply *client);

uint16_t address_group(const struct policy *policy, const struct sockaddr_storage *from);

/* Its address; NULL for NULL. */
const struct sockaddr_storage *client_address(const struct mesh_reply *client);

/* Whether all of them asked over UDP. */
bool clients_all_udp(const struct module_qstate *qstate);

/* Forgets those that asked over UDP: they get no answer. */
void clients_forget_udp(struct module_qstate *qstate);

/* The client that an answer is being sent to. A query may have thousands of them: nothing is searched for. */
const struct mesh_reply *client_of(const struct comm_reply *to);

/* Whether a client asked over UDP. */
bool client_is_udp(const struct mesh_reply *client);

/* Gives an Extended DNS Error (RFC 8914) to each client that sent EDNS and has room for it beside an answer of `size`
 * octets; it replaces the one that is there. The text, which may be empty, is left out where it does not fit. Returns
 * false when there is no memory. */
must_check bool clients_tell(struct module_qstate *qstate, size_t size, uint16_t code, const char *text);

/* The same for one of them. */
must_check bool client_tell(
	struct module_qstate *qstate, const struct mesh_reply *client, size_t size, uint16_t code, const char *text);

/* Removes the Extended DNS Error for clients that have no room for it beside an answer of `size` octets. */
void clients_fit(struct module_qstate *qstate, size_t size);
