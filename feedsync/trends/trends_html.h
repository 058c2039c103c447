/* SPDX-License-Identifier: BSD-3-Clause */
/* The report as a page: one file that needs nothing else, with no script and no link in it. Names are defanged, so that
 * nobody gets to one by a click: "login-parcel[.]example". */
#pragma once

#include <stdio.h>

#include "feedsync/trends/feed_worth.h"
#include "feedsync/trends/trends_report.h"

/* `worth` may be NULL. */
void trends_print_html(const struct trends_report *report, const struct feeds_worth *worth, FILE *out);

/* Begins and ends a page; `title` is ours. */
void report_page_begin(FILE *out, const char *title);
void report_page_end(FILE *out);
