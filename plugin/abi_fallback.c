/* SPDX-License-Identifier: BSD-3-Clause */
#include "plugin/abi_fallback.h"

#include <dlfcn.h>
#include <stddef.h>

/* Both functions exist: a program that can load modules exports all of its functions, and respip is part of every
 * Unbound. */
static void (*lent_operate)(struct module_qstate *, int, int, struct outbound_entry *);
static void (*lent_clear)(struct module_qstate *, int);

void abi_fallback_begin(void)
{
	*(void **)&lent_operate = dlsym(RTLD_DEFAULT, "respip_operate");
	*(void **)&lent_clear = dlsym(RTLD_DEFAULT, "respip_clear");
}

void abi_fallback_operate(struct module_qstate *qstate, int event, int id, struct outbound_entry *outbound)
{
	if (lent_operate)
		lent_operate(qstate, event, id, outbound);
}

void abi_fallback_clear(struct module_qstate *qstate, int id)
{
	if (lent_clear)
		lent_clear(qstate, id);
}
