/* SPDX-License-Identifier: BSD-3-Clause */
/* The two ways in which `feedsync status` shows a report. Private to status.c, status_words.c and status_json.c. */
#pragma once

#include "feedsync/report/report.h"

void status_words(const struct report *report);
void status_json(const struct report *report);
