/* SPDX-License-Identifier: BSD-3-Clause */
/* Metrics in the exposition format of Prometheus. A metric is a row: its name, type, help, labels, and how its values
 * are gathered from a view. docs/metrics.md is compared with the rows by tests/docs.py.
 *
 * Labels are bounded by the configuration: feeds, categories, groups, actions, reasons. No label is the name of a
 * domain, of a client, or of a feed that is restricted (shown_names.h). */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "feedsync/monitor/series.h"
#include "feedsync/monitor/view.h"

struct metric {
	const char *name;
	enum metric_type type;
	const char *help; /* one sentence, without a line end */
	const char *labels[MAX_LABELS_OF_METRIC + 1];
	/* One of these gathers. The first three return whether there is a value; those of a feed and of a resolver get
	 * its index in the report, and the label is set for them. */
	bool (*whole)(const struct view *view, double *value);
	bool (*of_feed)(const struct view *view, size_t feed, double *value);
	bool (*of_resolver)(const struct view *view, size_t resolver, double *value);
	void (*each)(const struct view *view, struct series_list *series);
};

struct metric_rows {
	const struct metric *row;
	size_t count;
};

extern const struct metric_rows whole_metrics, feed_metrics, output_metrics, sighting_metrics, channel_metrics,
	fleet_metrics, pull_metrics, resolver_metrics;

/* Calls `visit` for each row, in the order in which they are written. */
void metrics_each(void (*visit)(void *context, const struct metric *metric), void *context);

void metrics_print(const struct view *view, FILE *out);
