/* SPDX-License-Identifier: BSD-3-Clause */
/* From an object of a channel to a table that may be published. */
#pragma once

#include <errno.h>

#include "feedsync/fleet/manifest.h"
#include "libweir/attributes.h"

struct table;
struct why;

/* Writes the table that an object's file holds to `fd`. `base`: the file of the table that a delta refers to; NULL: the object
 * is a whole table. Returns 0; -EBADMSG with the reason where what comes out is not the manifest's table; or another -errno.
 * It takes as much memory as the files of both tables and the object. */
must_check int pull_table_make(
	const struct manifest *manifest, const char *object, const char *base, int fd, struct why *why);

enum { PULL_NAME_DECIDED_WRONGLY = -ECANCELED };

/* Whether the table in the file may come into force: it is one, every octet of it, it is the manifest's, and the names that
 * must pass or be blocked do. Returns 0 and the table, to be closed; or, and NULL,
 * PULL_NAME_DECIDED_WRONGLY or another negative code, with the reason. */
must_check int pull_table_try(struct table **table, const struct manifest *manifest, int fd, struct why *why);
