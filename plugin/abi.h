/* Whether the Unbound that loads the module is the one it was built for.
 *
 * Unbound has no ABI number; its structs move between releases, between configurations of one release and with
 * distributions' security patches. A module that guesses wrong writes into somebody else's fields. So three things are
 * compared, none of which touches a struct whose layout is in doubt:
 *   1. version and configure line, which stand as texts in the program as they stood in the config.h this was compiled
 * with;
 *   2. a reply built by Unbound's own function, seen through our struct reply_info;
 *   3. for each query state, that its mesh state is where our structs say: checked by address, nothing is followed.
 */
#pragma once

#include <stdbool.h>

#include "error.h"

struct module_qstate;

/* 1 and 2. Returns whether this is the right Unbound; if not, why not. */
bool abi_fits(struct why *why);

/* 3. Cheap enough for every call. */
bool abi_state_fits(const struct module_qstate *qstate);
