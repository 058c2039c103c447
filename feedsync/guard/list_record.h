/* SPDX-License-Identifier: BSD-3-Clause */
/* What was wrong with the guard's lists when a run read them last, for `status`: <state>/guard.json. Without the file all
 * was well. */
#pragma once

#include <stddef.h>

#include "feedsync/guard/last_good.h"
#include "libweir/attributes.h"

/* Writes it; a failure is logged. */
void list_record_write(const char *state, const struct list_trouble *troubles, size_t count);

/* Reads it. Returns how many troubles there are, in *troubles, to be freed; a record that cannot be read is one. */
must_check size_t list_record_read(const char *state, struct list_trouble **troubles);
