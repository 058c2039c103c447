/* SPDX-License-Identifier: BSD-3-Clause */
/* `feedsync why NAME`: what is decided for a name, and everything that is known of the reasons. */
#pragma once

#include "feedsync/config/configuration.h"

/* Prints the decision by the published table; every entry of a feed that lists the name, or a name above it together
 * with what is below, with its place, what MISP says of it, first and last seen, and what keeps it out of force; every
 * entry that was rejected and why; and the changes that the history has kept. The feeds' last good versions are parsed
 * again for it, so there is nothing that could be out of date. Reads only: needs no lock. Returns the exit code: 0 not
 * blocked, 1 blocked, 2 it cannot be told. */
int why_command(const struct config *config, int argc, char **argv);
