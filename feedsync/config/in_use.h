/* SPDX-License-Identifier: BSD-3-Clause */
/* A copy of the configuration that is in use, <state>/in-use.yaml: with it the commands that only look, or put back what
 * was, go on where the file itself has been broken by an edit. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "feedsync/config/configuration.h"
#include "libweir/attributes.h"

/* Keeps the text of a configuration that is taken into use. If that fails it is logged. */
void config_keep(const struct config *config);

/* Whether the copy is of the file as this configuration was read from it; true also where there is none. */
bool config_is_in_use(const struct config *config);

/* Whether the file is still as it was when this configuration was read from it. */
bool config_is_unchanged(const struct config *config);

/* As config_load; where that fails, the copy that was kept last, which is logged, with its time: `copied_at` is set then,
 * in seconds since 1970, and 0 else. The state directory is the one that the broken file tells in a line of its own, or
 * the default one. */
must_check int config_load_any(struct config **config, const char *path, uint64_t *copied_at);
