/* SPDX-License-Identifier: BSD-3-Clause */
#include "feedsync/circle/share_worker.h"

#include <stdlib.h>

#include "feedsync/base/clock.h"
#include "feedsync/base/log.h"
#include "feedsync/base/maxima.h"
#include "feedsync/base/path_sum.h"
#include "feedsync/circle/share.h"
#include "libweir/errors.h"

enum { SHARE_LOOK_MS = 5000 /* how often another table is looked for */ };

struct share_outcome {
	bool ended; /* set last */
	bool well;
};

static void share_in_worker(void *context, void *result)
{
	const struct share_request request = {.config = context};
	struct share_outcome *outcome = result;
	struct share_counts counts;
	struct why why;
	int status = share_all(&request, &counts, &why);
	if (status != 0)
		log_error("nothing is shared: %s; the last releases stay", why.text);
	outcome->well = status == 0 && counts.failed == 0;
	outcome->ended = true;
}

static void take_share_end(struct share_worker *w)
{
	char text[64];
	if (!worker_ends_within(&w->worker, MAX_SHARE_S))
		return;
	const struct share_outcome outcome = *(const struct share_outcome *)w->worker.result;
	worker_forget(&w->worker);
	if (!outcome.ended)
		log_error("sharing %s; it is tried again", worker_end_text(w->worker.status, text));
	if (!outcome.ended || !outcome.well)
		w->next_ms = clock_ms() + RETRY_S * UINT64_C(1000);
}

void share_worker_step(struct share_worker *w, const struct config *config)
{
	struct why why;
	if (w->worker.pid > 0)
		take_share_end(w);
	if (config->output_count == 0 || w->worker.pid > 0)
		return;
	const uint64_t table = path_sum(config->table);
	bool another = table != 0 && table != w->table; /* without one there is nothing to share */
	if (!another && (w->table == 0 || clock_ms() < w->next_ms))
		return;
	if (another)
		w->table = table;
	w->next_ms = clock_ms() + EXPIRY_S * UINT64_C(1000);
	if (worker_begin(&w->worker, share_in_worker, (void *)config, sizeof(struct share_outcome), &why) != 0) {
		log_error("sharing %s", why.text);
		w->next_ms = clock_ms() + RETRY_S * UINT64_C(1000);
	}
}

void share_worker_want(struct share_worker *w)
{
	w->next_ms = 0;
}

int64_t share_worker_wait_ms(const struct share_worker *w, const struct config *config)
{
	uint64_t now = clock_ms();
	if (config->output_count == 0)
		return -1;
	if (w->worker.pid > 0 || w->next_ms > now + SHARE_LOOK_MS) /* the end of a process is told by SIGCHLD */
		return SHARE_LOOK_MS;
	return w->table == 0 ? SHARE_LOOK_MS : w->next_ms > now ? (int64_t)(w->next_ms - now) : 0;
}

void share_worker_end(struct share_worker *w)
{
	worker_end(&w->worker);
}
