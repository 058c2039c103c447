/* SPDX-License-Identifier: BSD-3-Clause */
/* Hands the loaded table over from one instance of the module to the next in the same process. A reload of Unbound ends
 * the module, unloads it, and begins it anew: by then the table's file may be gone, damaged, or unreadable.
 *
 * The table lies in a sealed memory file (memfd_create(2)), which nobody else can reach and only the end of the process
 * removes. An environment variable holds its descriptor, since no variable of ours survives; unlike /proc, a chroot has
 * that. What is found there is verified like any table.
 */
#pragma once

#include <stdint.h>

#include "libweir/attributes.h"

struct table;

/* At the end: leaves a table that is in force since that time (seconds since 1970). Takes as much memory as the table
 * again. Returns 0 or -errno. One thread of the process. */
must_check int handover_leave(const struct table *table, uint64_t since);

/* At the beginning: takes what was left. Returns a descriptor that the caller closes, or -1 if there is nothing. The
 * file's time of modification tells since when that table was in force. */
must_check int handover_take(void);
