/* SPDX-License-Identifier: BSD-3-Clause */
/* The table in force, handed over from one instance of the module to the next in the same process. A reload of Unbound
 * ends the module, unloads it, and begins it anew: by then the table's file may be gone, damaged, or unreadable.
 *
 * It lies in a sealed memory file (memfd_create(2)), which nobody else can reach and nothing but the end of the process
 * takes away. Its descriptor is told by an environment variable, since no variable of ours survives: that needs no
 * /proc, which a chroot may lack. What is found there is verified like any table.
 */
#pragma once

#include <stdint.h>

#include "libweir/attributes.h"

struct table;

/* At the end: leaves a table that is in force since that time (seconds since 1970). Returns 0 or -errno. Takes as much
 * memory as the table again. One thread in the process. */
must_check int handover_leave(const struct table *table, uint64_t since);

/* At the beginning: a descriptor of what was left, to be closed by the caller, or -1. Its time of modification is since
 * when it was in force. Nothing is left then. */
must_check int handover_take(void);
