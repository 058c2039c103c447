/* SPDX-License-Identifier: BSD-3-Clause */
/* A copy of the configuration that is in use, <state>/in-use.yaml. When an edit has broken the file itself, the commands
 * that only look, and those that restore what was, go on with the copy. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "feedsync/config/configuration.h"
#include "libweir/attributes.h"

/* Keeps a copy of the file of a configuration that is taken into use. Logs a warning if that fails. The time of the copy is
 * that of now, also where it is there already. */
void config_keep(const struct config *config);

/* When the configuration was taken into use, seconds since 1970; 0 = not known. */
uint64_t config_taken_at(const char *state);

/* Whether the copy is the file that this configuration was read from; true also if there is no copy. */
bool config_is_in_use(const struct config *config);

/* Whether the file is still as it was when this configuration was read from it. */
bool config_is_unchanged(const struct config *config);

/* Loads the configuration like config_load. If that fails, loads the copy that was kept last instead, logs that, and sets
 * its `copied_at`. The copy is in the state directory that the broken file names in a line of its own ("state: ..."), or in
 * the default one. Root becomes the owner of that directory, who could have written anything into the copy. Returns 0 and
 * a configuration to be freed; or what config_load returned, or -errno, with the reason logged. */
must_check int config_load_any(struct config **config, const char *path);
