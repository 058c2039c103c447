/* SPDX-License-Identifier: BSD-3-Clause */
#include "feedsync/monitor/metrics.h"

#include "feedsync/config/shown_names.h"

void metrics_each(void (*visit)(void *context, const struct metric *metric), void *context)
{
	const struct metric_rows all[] = {whole_metrics, feed_metrics, output_metrics, sighting_metrics,
		channel_metrics, fleet_metrics, pull_metrics, resolver_metrics};
	for (size_t i = 0; i < sizeof all / sizeof *all; i++)
		for (size_t j = 0; j < all[i].count; j++)
			visit(context, &all[i].row[j]);
}

struct metrics_writer {
	const struct view *view;
	FILE *out;
};

static void gather_each_feed(const struct view *view, const struct metric *metric, struct series_list *series)
{
	const struct report *report = &view->report;
	for (size_t i = 0; i < report->config->feed_count; i++) {
		double value;
		char name[SHOWN_NAME];
		if (metric->of_feed(view, i, &value))
			series_add(series, value, (const char *[]){shown_feed(report->config, i, name)});
	}
}

static void gather_each_resolver(const struct view *view, const struct metric *metric, struct series_list *series)
{
	for (size_t i = 0; i < view->report.resolver_count; i++) {
		double value;
		char number[16];
		snprintf(number, sizeof number, "%u", view_resolver(view, i));
		if (view_resolver(view, i) > 0 && metric->of_resolver(view, i, &value))
			series_add(series, value, (const char *[]){number});
	}
}

static void write_metric(void *context, const struct metric *metric)
{
	const struct metrics_writer *writer = context;
	struct series_list series = {.names = metric->labels};
	double value;
	if (metric->whole && metric->whole(writer->view, &value))
		series_add(&series, value, NULL);
	else if (metric->of_feed)
		gather_each_feed(writer->view, metric, &series);
	else if (metric->of_resolver)
		gather_each_resolver(writer->view, metric, &series);
	else if (metric->each)
		metric->each(writer->view, &series);
	series_print(&series, writer->out, metric->name, metric->type, metric->help);
}

void metrics_print(const struct view *view, FILE *out)
{
	metrics_each(write_metric, &(struct metrics_writer){.view = view, .out = out});
}
