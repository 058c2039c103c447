/* SPDX-License-Identifier: BSD-3-Clause */
/* The two ways in which `feedsync status` prints a report on standard output. */
#pragma once

#include "feedsync/status/report.h"

/* In words; where `verbose`, with examples of what was rejected. */
void status_words(const struct report *report, bool verbose);

/* As JSON. */
void status_json(const struct report *report);
