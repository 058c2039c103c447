#include "stranger.h"

#include <dlfcn.h>

/* Both symbols are there: a program that can load modules exports all of its functions. */

void stranger_operate(struct module_qstate *qstate, int event, int id, struct outbound_entry *outbound)
{
	void (*operate)(struct module_qstate *, int, int, struct outbound_entry *);
	*(void **)&operate = dlsym(RTLD_DEFAULT, "respip_operate");
	if (operate)
		operate(qstate, event, id, outbound);
}

void stranger_clear(struct module_qstate *qstate, int id)
{
	void (*clear)(struct module_qstate *, int);
	*(void **)&clear = dlsym(RTLD_DEFAULT, "respip_clear");
	if (clear)
		clear(qstate, id);
}
