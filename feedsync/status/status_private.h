/* SPDX-License-Identifier: BSD-3-Clause */
/* Parts of status_words.c and status_json.c in other files. */
#pragma once

#include "feedsync/base/units.h"
#include "feedsync/status/report.h"

struct node;

/* Of a table that is pulled; nothing, and null, where none is. */
void status_pull_words(const struct report *report);
struct node *status_pull_json(const struct report *report);

/* How long ago something was. Returns `text`. */
const char *status_ago(const struct report *report, uint64_t then, char text[UNITS_TEXT]);

/* Prints what leaves this host: outputs, sightings. */
void status_words_outputs(const struct report *report);
