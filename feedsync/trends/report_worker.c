/* SPDX-License-Identifier: BSD-3-Clause */
#include "feedsync/trends/report_worker.h"

#include "feedsync/base/clock.h"
#include "feedsync/base/log.h"
#include "feedsync/base/wall_clock.h"
#include "feedsync/trends/report_files.h"
#include "libweir/errors.h"

enum { LOOK_MS = 600000, MAX_REPORT_S = 1800 };

struct report_outcome {
	bool written;
	struct why why;
};

static void write_report(void *context, void *result)
{
	const struct config *config = context;
	struct report_outcome *outcome = result;
	struct period period;
	outcome->written = !report_files_due(config, wall_now(), &period) ||
			   report_files_write(config, period, &outcome->why) == 0;
}

/* A failure is told once, not each time. */
static void tell_report_failure(struct report_worker *worker, const struct config *config, const char *reason)
{
	if (!worker->failed)
		log_error("%s: the report of trends cannot be written: %s; it is tried again every 10 minutes",
			config->trends.report, reason);
	worker->failed = true;
}

static void take_report_end(struct report_worker *worker, const struct config *config)
{
	char ended[64];
	if (!worker_ends_within(&worker->worker, MAX_REPORT_S))
		return;
	const struct report_outcome outcome = *(const struct report_outcome *)worker->worker.result;
	worker_forget(&worker->worker);
	if (!config->trends.report) /* it was taken out meanwhile */
		return;
	if (!outcome.written)
		tell_report_failure(worker, config,
			outcome.why.text[0] ? outcome.why.text : worker_end_text(worker->worker.status, ended));
	else if (worker->failed)
		log_info("%s: the report of trends is written again", config->trends.report);
	worker->failed = !outcome.written;
	worker->next_ms = outcome.written ? 0 : clock_ms() + LOOK_MS; /* there may be another one */
}

void report_worker_step(struct report_worker *worker, const struct config *config)
{
	struct why why;
	struct period period;
	if (worker->worker.pid > 0)
		take_report_end(worker, config);
	if (!config->trends.report || worker->worker.pid > 0 || clock_ms() < worker->next_ms)
		return;
	worker->next_ms = clock_ms() + LOOK_MS;
	if (report_files_due(config, wall_now(), &period) &&
		worker_begin(&worker->worker, write_report, (void *)config, sizeof(struct report_outcome), &why) != 0)
		tell_report_failure(worker, config, why.text);
}

int64_t report_worker_wait_ms(const struct report_worker *worker, const struct config *config)
{
	uint64_t now = clock_ms();
	if (!config->trends.report)
		return -1;
	if (worker->worker.pid > 0) /* its end is told by SIGCHLD */
		return MAX_REPORT_S * INT64_C(1000);
	return worker->next_ms > now ? (int64_t)(worker->next_ms - now) : 0;
}

void report_worker_end(struct report_worker *worker)
{
	worker_end(&worker->worker);
}
