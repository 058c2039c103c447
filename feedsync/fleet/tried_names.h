/* SPDX-License-Identifier: BSD-3-Clause */
/* The names that a resolver tries with a table before it is in force. */
#pragma once

#include "feedsync/fleet/manifest.h"
#include "libweir/attributes.h"

struct config;
struct why;

/* Chooses them for the table in the file `path`: it must block the self-test, and pass the operator's own names (`guard: own`)
 * and names that every resolver depends on. What the operator blocks all the same is left out: a resolver would refuse the
 * table for it. Returns 0, or a negative code with the reason. */
must_check int tried_names_choose(struct manifest_names *must_pass, struct manifest_names *must_block,
	const struct config *config, const char *path, struct why *why);

/* The names that are to pass, whatever a table says of them. */
void tried_names_all(struct manifest_names *must_pass, const struct config *config);
