/* SPDX-License-Identifier: BSD-3-Clause */
/* What was wrong with the guard's lists when a run last read them, for `status`: <state>/guard.json. Without the file
 * nothing was wrong. */
#pragma once

#include <stddef.h>

#include "feedsync/guard/last_good.h"
#include "libweir/attributes.h"

/* Writes the record; a failure is logged. */
void list_record_write(const char *state, const struct list_trouble *troubles, size_t count);

/* Reads the record. Returns how many troubles there are, in *troubles, which the caller frees. A record that cannot be
 * read counts as one, but none for a user who may not see it. */
must_check size_t list_record_read(const char *state, struct list_trouble **troubles);
