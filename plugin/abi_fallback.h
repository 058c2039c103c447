/* SPDX-License-Identifier: BSD-3-Clause */
/* In an Unbound that the module was not built for it must not touch a query state, not even to say "pass on": where
 * that is written depends on the layout. Unbound's own respip module does nothing but pass on where no response-ip rule
 * applies, and knows the layout of its own program: it is lent. */
#pragma once

struct module_qstate;
struct outbound_entry;

/* Finds the functions to be lent. Once, at init. */
void abi_fallback_begin(void);

void abi_fallback_operate(struct module_qstate *qstate, int event, int id, struct outbound_entry *outbound);
void abi_fallback_clear(struct module_qstate *qstate, int id);
