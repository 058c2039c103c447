/* SPDX-License-Identifier: BSD-3-Clause */
/* The table in force, kept for whoever comes next, and found again by the next instance: what loader.h says of handover
 * and spare. For the one thread that loads tables. */
#pragma once

#include <stdbool.h>

#include "libweir/attributes.h"

struct loader;

/* Loads the table that was in force before the module began, if it can be found. Returns whether there is one. */
must_check bool loader_restore(struct loader *loader);

/* Writes a slice of the spare, if the table in force is not there yet; `durable` as in spare.h. Returns whether there is
 * more to do. Where it cannot be written it is tried again after some calls. */
bool loader_write_spare(struct loader *loader, bool durable);

/* At the end, when no worker runs any more and before current_end: keeps the table in force for whoever comes next. */
void loader_end(struct loader *loader);
