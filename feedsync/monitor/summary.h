/* SPDX-License-Identifier: BSD-3-Clause */
/* What the status page shows, as JSON: version, now, well, conditions, table, feeds, resolvers, hours. It has what the
 * page has, so no member of `feedsync status --json` gets here by itself. */
#pragma once

#include "feedsync/monitor/view.h"

struct node;

/* The caller frees it; NULL when out of memory. */
struct node *summary_json(const struct view *view);
