/* SPDX-License-Identifier: BSD-3-Clause */
/* Linked into a module for tests/system by ld's --wrap: to that one the query states of each Unbound are other ones than
 * its own, as after a security patch that leaves version and options as they were. */
#include <stdbool.h>

struct module_qstate;

bool __wrap_abi_state_fits(const struct module_qstate *qstate);

bool __wrap_abi_state_fits(const struct module_qstate *qstate)
{
	(void)qstate;
	return false;
}
