/* SPDX-License-Identifier: BSD-3-Clause */
/* Parts of status_words.c and status_json.c in other files. */
#pragma once

#include "feedsync/status/report.h"

struct node;

/* Of a table that is pulled; nothing, and null, where none is. */
void status_pull_words(const struct report *report);
struct node *status_pull_json(const struct report *report);
