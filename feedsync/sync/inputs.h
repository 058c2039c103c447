/* SPDX-License-Identifier: BSD-3-Clause */
/* What a table is made of, as it can be known again without reading it: the program, the configuration, the versions of
 * feeds that are there, the lists of the guard, and the published table itself. Where all of that is as it was when the
 * table was made, and nothing has ended since, it would be the same one again, and none is made.
 *
 * Files are known by device, inode, size and time. What was found is kept as <state>/made.json. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "libweir/attributes.h"

struct sync;

/* Of the guard: its lists, and the hosts that feeds were redirected to. */
uint64_t inputs_guard(const struct sync *sync);

/* Of all but the published table. */
uint64_t inputs_all(const struct sync *sync);

/* Whether the published table is the one that was made of them, and may stand as it is; tells its generation. */
bool inputs_are_made(const struct sync *sync, uint64_t inputs, uint64_t *generation);

/* Notes that the published table is made of them. If that fails the next run makes it again. */
void inputs_note_made(const struct sync *sync, uint64_t inputs);
