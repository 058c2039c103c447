/* SPDX-License-Identifier: BSD-3-Clause */
/* `feedsync metrics`: what `status` shows, for Prometheus. The room feedsync/monitor has the table of metrics. */
#include "feedsync/monitor/metrics.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "feedsync/base/act_as_owner.h"
#include "feedsync/base/atomic_file.h"
#include "feedsync/base/log.h"
#include "feedsync/commands/commands.h"
#include "libweir/memory_text.h"

/* Writes all of it to a file, which a reader sees as it was or as it is. */
static int write_file(const struct view *view, const char *path)
{
	char *text = NULL;
	size_t length;
	struct why why;
	FILE *out = open_memstream(&text, &length);
	if (out)
		metrics_print(view, out);
	if (!out || !memory_text_close(out, &text)) {
		log_error("out of memory");
		free(text);
		return EXIT_TROUBLE;
	}
	int status = atomic_file_write(path, MODE_PUBLIC, text, length, &why);
	free(text);
	if (status < 0)
		log_error("%s: %s; the file before stays as it was", path, why.text);
	return status < 0 ? EXIT_TROUBLE : EXIT_WELL;
}

/* Keeps the numbers of the resolvers, where no `run` does: graphs must not go from one to another. */
static void keep_tally(const struct view *view, const struct config *config)
{
	struct owner_visit visit;
	struct why why;
	if (owner_enter_path(&visit, config->state, &why) != 0) {
		log_warning("%s", why.text);
		return;
	}
	tally_write(&view->tally, config->state);
	owner_leave(&visit);
}

static int cmd_metrics(struct invocation *invocation)
{
	struct view *view = malloc(sizeof *view);
	struct why why = {"out of memory"};
	const char *path = option_value(invocation, "-o");
	int code = EXIT_WELL;
	if (!view || view_begin(view, invocation->config, &why) != 0) {
		log_error("state: %s", why.text);
		free(view);
		return EXIT_TROUBLE;
	}
	if (path && !invocation->config->pages_listen)
		keep_tally(view, invocation->config);
	if (path)
		code = write_file(view, path);
	else
		metrics_print(view, stdout);
	view_end(view);
	free(view);
	return code;
}

static void print_metric(void *context, const struct metric *metric)
{
	(void)context;
	printf("  %s", metric->name);
	for (unsigned i = 0; metric->labels[i]; i++)
		printf("%s%s", i == 0 ? "{" : ",", metric->labels[i]);
	printf("%s (%s)\n      %s\n", metric->labels[0] ? "}" : "",
		metric->type == METRIC_COUNTER ? "counter" : "gauge", metric->help);
}

static void print_metrics(void)
{
	printf("\nMetrics:\n");
	metrics_each(print_metric, NULL);
}

const struct command command_metrics = {
	.word = "metrics",
	.usage = "[-o FILE]",
	.summary = "print metrics for Prometheus",
	.text = "Prints what `feedsync status` shows as metrics, in the text format of Prometheus. With -o they go to "
		"a "
		"file\n"
		"that node_exporter's textfile collector reads: run it from a timer, each minute. Run it as root or as "
		"the user of\n"
		"`feedsync run`. Nothing in it is the name of a domain or of a client. A feed with `strict-tlp: no` is "
		"shown as\n"
		"\"restricted 1\", and so on.\n",
	.configuration = CONFIGURATION_IN_USE,
	.options = {{"-o", "FILE", NULL, "write to a file, by renaming a new one over it"}},
	.exits = {{EXIT_WELL, "the metrics were printed; whether all is well is weir_well"},
		{EXIT_TROUBLE, "there is no configuration that can be used, or the file could not be written"}},
	.print_more = print_metrics,
	.run = cmd_metrics,
};
