/* SPDX-License-Identifier: BSD-3-Clause */
/* The series of one metric: values, each with its labels, and how they are written in the exposition format of
 * Prometheus. Labels may come from another process, so they are cleaned, and no two series of a metric have the same:
 * Prometheus would refuse all that is told. */
#pragma once

#include <stddef.h>
#include <stdio.h>

enum metric_type { METRIC_GAUGE, METRIC_COUNTER };

enum { MAX_LABELS_OF_METRIC = 4 };

struct series {
	char *labels; /* as they are written, "" = none */
	double value;
};

struct series_list {
	const char *const *names; /* of the labels, NULL behind the last */
	struct series *list;
	size_t count, room;
};

/* Adds a series: a value for each of the labels. */
void series_add(struct series_list *series, double value, const char *const values[]);

/* Writes the metric: what it is, and its series in the order of their labels. Those with the same labels become one:
 * counters are added up, and of gauges the largest stays. Then forgets the series. A metric without any is left out. */
void series_print(struct series_list *series, FILE *out, const char *name, enum metric_type type, const char *help);
