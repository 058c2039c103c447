/* SPDX-License-Identifier: BSD-3-Clause */
#include "feedsync/monitor/series.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "feedsync/base/clean.h"
#include "feedsync/base/xalloc.h"

enum { LABEL_TEXT = 256, LABELS_TEXT = MAX_LABELS_OF_METRIC * (2 * LABEL_TEXT + 64) };

/* Appends a label: NAME="VALUE", with what the format wants escaped. */
static size_t append_label(char *to, const char *name, const char *value, bool first)
{
	char text[LABEL_TEXT];
	clean_text(text, sizeof text, value);
	size_t used = (size_t)snprintf(to, LABEL_TEXT, "%s%s=\"", first ? "" : ",", name);
	for (const char *c = text; *c; c++) {
		if (*c == '"' || *c == '\\')
			to[used++] = '\\';
		to[used++] = *c;
	}
	to[used++] = '"';
	to[used] = '\0';
	return used;
}

void series_add(struct series_list *series, double value, const char *const values[])
{
	char labels[LABELS_TEXT] = "";
	size_t used = 0;
	for (unsigned i = 0; i < MAX_LABELS_OF_METRIC && series->names[i]; i++)
		used += append_label(labels + used, series->names[i], values[i], i == 0);
	series->list = xgrow(series->list, series->count, &series->room, 64, sizeof *series->list);
	struct series *added = &series->list[series->count++];
	*added = (struct series){.labels = xcalloc(used + 1, 1), .value = value};
	memcpy(added->labels, labels, used);
}

static int by_labels(const void *a, const void *b)
{
	const struct series *x = a, *y = b;
	return strcmp(x->labels, y->labels);
}

static double unite_values(enum metric_type type, double a, double b)
{
	return type == METRIC_COUNTER ? a + b : a > b ? a : b;
}

void series_print(struct series_list *series, FILE *out, const char *name, enum metric_type type, const char *help)
{
	if (series->count == 0)
		return;
	fprintf(out, "# HELP %s %s\n# TYPE %s %s\n", name, help, name, type == METRIC_COUNTER ? "counter" : "gauge");
	qsort(series->list, series->count, sizeof *series->list, by_labels);
	for (size_t i = 0; i < series->count;) {
		double value = series->list[i].value;
		size_t next = i + 1;
		for (; next < series->count && strcmp(series->list[i].labels, series->list[next].labels) == 0; next++)
			value = unite_values(type, value, series->list[next].value);
		bool bare = series->list[i].labels[0] == '\0';
		fprintf(out, "%s%s%s%s %.15g\n", name, bare ? "" : "{", series->list[i].labels, bare ? "" : "}", value);
		i = next;
	}
	for (size_t i = 0; i < series->count; i++)
		free(series->list[i].labels);
	free(series->list);
	*series = (struct series_list){.names = series->names};
}
