/* SPDX-License-Identifier: BSD-3-Clause */
/* The reports of days and weeks that are over, as files: <report>/<period>/{index.html,trends.json,trends.csv}, each put in
 * its place by rename, and <report>/index.html, which lists them. A report is written once: what is told of a day that is
 * over does not change. A failure costs a report, and nothing else. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "feedsync/config/configuration.h"
#include "feedsync/trends/period.h"
#include "libweir/attributes.h"

/* Finds a period that is over and has no report yet: yesterday, or the week before this one. `now`: seconds since 1970.
 * Returns whether there is one. */
must_check bool report_files_due(const struct config *config, uint64_t now, struct period *period);

/* Writes the report of a period. Returns 0, or a negative code with the reason. */
must_check int report_files_write(const struct config *config, struct period period, struct why *why);
