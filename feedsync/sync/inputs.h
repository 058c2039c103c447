/* SPDX-License-Identifier: BSD-3-Clause */
/* What a table is made of, as it can be recognised without reading it: the program, the configuration, the versions
 * of feeds that are there, the lists of the guard, and the published table itself. If all of that is as it was when
 * the table was made, and nothing has expired since, the same table would be made again: so none is made.
 *
 * Files are recognised by device, inode, size and time. The sum of it all is kept in <state>/made.json. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "libweir/attributes.h"

struct sync;

/* The sum of what the guard is made of: its lists, and the hosts that feeds were redirected to. */
uint64_t inputs_guard(const struct sync *sync);

/* The sum of everything but the published table. */
uint64_t inputs_all(const struct sync *sync);

/* Whether the published table was made of what has this sum, and may stay as it is. Sets its generation. */
bool inputs_are_made(const struct sync *sync, uint64_t inputs, uint64_t *generation);

/* Notes that the published table was made of it. If that fails, which is logged, the next run makes the table again. */
void inputs_note_made(const struct sync *sync, uint64_t inputs);
