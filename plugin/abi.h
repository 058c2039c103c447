/* SPDX-License-Identifier: BSD-3-Clause */
/* Whether the Unbound that loads the module is the one it was built for.
 *
 * Unbound has no ABI number; its structs move between releases, between configurations of one release and with
 * distributions' security patches. A module that guesses wrong writes into somebody else's fields. So these are
 * compared, each only once those before it fit:
 *
 *   1. version and configure line, which stand as texts in the program as in the config.h that this was compiled with;
 *   2. a reply built by Unbound's own function, seen through our struct reply_info;
 *   3. the module's own place in the environment: it leads to our own init function;
 *   4. for each query state, that its mesh state is where our structs say: checked by address, nothing is followed.
 */
#pragma once

#include <stdbool.h>

#include "libweir/errors.h"

struct counters;
struct module_env;
struct module_qstate;

/* 1 to 3, with the arguments of init and the address of init itself. Returns whether this is the right Unbound; if not,
 * why not. */
bool abi_fits(const struct module_env *env, int id, void (*init)(void), struct why *why);

#define MISFIT_STATES "its query states differ"

/* 4. Cheap enough for every call. */
bool abi_state_fits(const struct module_qstate *qstate);

/* Shows in the counters that the module blocks nothing in this Unbound, and why. */
void abi_show_misfit(struct counters *counters, const char *why);
