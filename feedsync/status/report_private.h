/* SPDX-License-Identifier: BSD-3-Clause */
/* Parts of report.c in other files. */
#pragma once

#include "feedsync/status/conditions.h"

struct report;

/* How a table that comes from elsewhere is; well where none does. */
enum condition report_pull_condition(const struct report *report);
