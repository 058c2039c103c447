/* SPDX-License-Identifier: BSD-3-Clause */
/* What the files of trends_report.h share. */
#pragma once

#include <stdbool.h>

#include "libweir/attributes.h"

struct report_sum;
struct sum_list;
struct trends;
struct trends_report;
struct why;

/* Which of the last days that are known count as "before" for what rises. */
enum { MEAN_DAYS = 7, NEW_DAYS = 90 };

/* Adds hits to the sum of this name. */
struct report_sum *report_sum_of(struct sum_list *list, const char *name, bool logged);

/* Tells which rules are new, and which rise. */
must_check int report_find_new(struct trends_report *report, struct trends *trends, struct why *why);

/* Tells which rules may be mistakes. History and table may be missing. */
must_check int report_find_suspects(struct trends_report *report, struct trends *trends, struct why *why);

/* Sums by feed. */
void report_sum_feeds(struct trends_report *report);

/* Puts the greatest sums first. */
void report_sort_sums(struct trends_report *report);

/* Gives all numbers two digits. */
void report_round(struct trends_report *report);
