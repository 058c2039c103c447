/* SPDX-License-Identifier: BSD-3-Clause */
/* Puts a table of a channel in the place of the published one, and tells the resolvers. */
#pragma once

#include <errno.h>

#include "feedsync/config/configuration.h"
#include "feedsync/fleet/manifest.h"
#include "libweir/attributes.h"

struct why;

enum { PULL_HELD = -EBUSY };

/* Whether a rollback holds what is published. Returns 0, or PULL_HELD with the reason. */
must_check int pull_check_held(const struct config *config, struct why *why);

/* Makes the table of an object's file (pull_table_make), tries it (pull_table_try), and publishes it. `taken` is called when it
 * is published, before the resolvers are waited for. Returns 0, or a negative code with the reason: the table that was
 * published is still there. */
must_check int pull_install(const struct config *config, const struct manifest *manifest, const char *object,
	const char *base, void (*taken)(void *context), void *context, struct why *why);
