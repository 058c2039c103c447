/* SPDX-License-Identifier: BSD-3-Clause */
/* The status page and the runbook, as HTML that needs no script. The verdict comes first, as in `feedsync status`. */
#pragma once

#include <stdio.h>

#include "feedsync/monitor/view.h"

void page_print(const struct view *view, FILE *out);

/* Each condition: what it means and the next command. The page links to it. */
void page_print_runbook(FILE *out);

/* A page with one message. */
void page_print_message(FILE *out, const char *title, const char *message);
