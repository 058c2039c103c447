/* SPDX-License-Identifier: BSD-3-Clause */
/* The clients that wait for a query's answer. Unbound lets several share one query, and more may join until it ends. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "libweir/attributes.h"
#include "libweir/policy.h"

struct mesh_reply;
struct module_qstate;
struct sockaddr_storage;

/* Whether a client waits. */
bool clients_wait(const struct module_qstate *qstate);

/* Whether a part of Unbound waits that asks as clients do (mesh_new_callback): for the servers of its authority zones, the
 * keys of its trust anchors. It is no client. */
bool clients_include_unbound(const struct module_qstate *qstate);

/* The first client, and the next; NULL after the last. */
const struct mesh_reply *clients_first(const struct module_qstate *qstate);
const struct mesh_reply *clients_next(const struct mesh_reply *client);

/* The group of a client; NULL, who asks without an address, is of the default group. */
uint16_t client_group(const struct policy *policy, const struct mesh_reply *client);

uint16_t address_group(const struct policy *policy, const struct sockaddr_storage *from);

/* Its address; NULL for NULL. */
const struct sockaddr_storage *client_address(const struct mesh_reply *client);

/* Whether all of them asked over UDP. */
bool clients_all_udp(const struct module_qstate *qstate);

/* Forgets those that asked over UDP: they get no answer. */
void clients_forget_udp(struct module_qstate *qstate);

/* Adds an Extended DNS Error (RFC 8914), in the place of one that is there, to what each client gets that sent EDNS and can
 * take it beside an answer of `size` octets: with the text, which may be empty, or where that does not fit without it.
 * Returns false when there is no memory. */
must_check bool clients_tell(struct module_qstate *qstate, size_t size, uint16_t code, const char *text);

/* Takes the error off those for whom an answer of `size` octets leaves no room for it. */
void clients_fit(struct module_qstate *qstate, size_t size);
