/* SPDX-License-Identifier: BSD-3-Clause */
/* The bypass (libweir/bypass.h) in the module: while it is in force no table is, by the same exchange as at any change of
 * the table, so a query costs nothing more. The table stays loaded, is replaced as always, and is in force again at the
 * end, whatever has become of its file meanwhile.
 *
 * A bypass ends when its file goes, when the clock shows its time, or when as much time has passed since the module saw
 * it, whichever comes first: a clock that is set back does not prolong it.
 */
#pragma once

#include <stdbool.h>

#include "libweir/attributes.h"

struct loader;

/* Looks at the bypass beside the table; before the table is looked at, so that at the beginning none comes into force
 * for a moment. Returns whether a table is in force again, by which the cache must be looked through. What has changed
 * waits for loader_report. For the one thread that loads tables. */
must_check bool loader_check_bypass(struct loader *loader);
