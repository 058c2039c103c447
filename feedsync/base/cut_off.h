/* SPDX-License-Identifier: BSD-3-Clause */
/* Lists of this machine that are read while somebody writes them, or that were cut off by a full disk. */
#pragma once

#include <stdbool.h>

#include "libweir/attributes.h"

/* Whether a new version of a list ends within a line of an older one, and says the same up to there. False where one of them
 * cannot be read. */
must_check bool list_is_cut_off(const char *new_version, const char *older_version);
