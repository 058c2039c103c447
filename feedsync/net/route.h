/* SPDX-License-Identifier: BSD-3-Clause */
/* Where this machine's kernel takes what is addressed to an address. */
#pragma once

#include <stdbool.h>

#include "libweir/attributes.h"

struct sockaddr;

/* Whether it stays here: the address is one of this machine's own, on whatever interface, since whenever, or in a
 * whole network that is routed to it; or one for all that stand on a link of its (broadcast, anycast). What cannot
 * be reached at all does not. Returns 0, or -errno where the kernel cannot be asked: see rtnetlink(7). */
must_check int route_stays_here(const struct sockaddr *address, bool *here);
