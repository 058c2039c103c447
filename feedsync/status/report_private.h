/* SPDX-License-Identifier: BSD-3-Clause */
/* Parts of report.c in other files. */
#pragma once

#include "feedsync/status/conditions.h"

struct report;

/* Adds a finding. Returns it, to be filled in, or NULL if all is well. */
struct finding *report_add_finding(
	struct report *report, enum condition condition, const char *subject, const char *detail);

/* What is given and told to others, and what resolvers elsewhere are given: reads the records, and judges each. */
void report_gather_outputs(struct report *report);
void report_judge_outputs(struct report *report);
void report_end_outputs(struct report *report);

/* How a table that comes from elsewhere is; well where none does. */
enum condition report_pull_condition(const struct report *report);
