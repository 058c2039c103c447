/* SPDX-License-Identifier: BSD-3-Clause */
#include "feedsync/feeds/misp_fetch.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "feedsync/base/maxima.h"
#include "feedsync/base/wall_clock.h"
#include "feedsync/base/xalloc.h"
#include "feedsync/feeds/misp_update.h"
#include "libweir/errors.h"

enum { AT_ONCE = 256 }; /* requests at a time: few enough to take little memory */

/* One event to be fetched. */
struct job {
	struct misp_update *update;
	struct event_plan *wanted;
	size_t rank; /* among the jobs of its update */
};

struct misp_fetch {
	const struct guard *guard;
	struct misp_update *updates[MAX_FEEDS];
	size_t update_count;
	struct job *jobs;
	size_t job_count, job_room;
};

struct misp_fetch *misp_fetch_new(const struct guard *guard)
{
	struct misp_fetch *sync = xcalloc(1, sizeof *sync);
	sync->guard = guard;
	return sync;
}

void misp_fetch_free(struct misp_fetch **sync)
{
	struct misp_fetch *s = *sync;
	free(s->jobs);
	free(s);
	*sync = NULL;
}

/* ---- what to fetch ---- */

static void add_job(struct misp_fetch *sync, struct misp_update *update, struct event_plan *wanted, size_t rank)
{
	sync->jobs = xgrow(sync->jobs, sync->job_count, &sync->job_room, AT_ONCE, sizeof *sync->jobs);
	sync->jobs[sync->job_count++] = (struct job){update, wanted, rank};
}

static void add_update(struct misp_fetch *sync, struct misp_update *update)
{
	if (!update)
		return;
	sync->updates[sync->update_count++] = update;
	size_t rank = 0;
	for (size_t i = 0; i < update->count; i++)
		if (update->wanted[i].due)
			add_job(sync, update, &update->wanted[i], rank++);
}

void misp_fetch_add(struct misp_fetch *sync, struct feed *feed, const struct fetch *manifest)
{
	switch (manifest->status) {
	case FETCH_OK:
	case FETCH_UNCHANGED: add_update(sync, misp_update_begin(feed, manifest)); break;
	case FETCH_MISSING:
	case FETCH_FAILED: feed_fail(feed, manifest->error); break;
	case FETCH_STOPPED: feed->result = FEED_STOPPED; break;
	}
}

/* ---- fetching it ---- */

static void conclude_job(const struct job *job, const struct fetch *fetch)
{
	struct why why;
	feed_note_wait(job->update->feed, fetch);
	switch (fetch->status) {
	case FETCH_OK:
		if (misp_update_take(job->update, job->wanted, fetch, &why) != 0)
			misp_update_miss(job->update, job->wanted, false, why.text);
		break;
	case FETCH_UNCHANGED: job->wanted->event.asked_at = wall_now(); break;
	case FETCH_MISSING: misp_update_miss(job->update, job->wanted, true, fetch->error); break;
	case FETCH_FAILED: misp_update_miss(job->update, job->wanted, false, fetch->error); break;
	case FETCH_STOPPED: job->update->stopped = true; break;
	}
}

static void prepare_event_request(const struct job *job, size_t number, struct fetch *fetch)
{
	const struct feed *feed = job->update->feed;
	const struct feed_event *event = &job->wanted->event;
	char name[48];
	*fetch = (struct fetch){.trust = &feed->config->trust,
		.access = &job->update->feed->access,
		.room = &job->update->feed->room,
		.most = MAX_EVENT};
	snprintf(name, sizeof name, "%s.json", event->uuid);
	if (url_below(feed->config->url, name, fetch->url) != 0)
		fetch->url[0] = '\0'; /* libcurl will say so */
	snprintf(fetch->path, sizeof fetch->path, "%s/new-%zu", feed->directory, number);
	if (wall_ago(event->fetched_at) >= WHOLE_EVENT_S)
		return;
	memcpy(fetch->etag, event->etag, sizeof fetch->etag);
	memcpy(fetch->last_modified, event->last_modified, sizeof fetch->last_modified);
}

static void run_jobs(const struct job *jobs, size_t count, bool (*stop)(void), time_t deadline)
{
	struct fetch *fetches = xcalloc(count, sizeof *fetches);
	for (size_t i = 0; i < count; i++)
		prepare_event_request(&jobs[i], i, &fetches[i]);
	fetch_all(fetches, count, stop, deadline);
	for (size_t i = 0; i < count; i++)
		conclude_job(&jobs[i], &fetches[i]);
	free(fetches);
}

/* One of each feed, then the next of each: a feed with few events is done first, however many another has. */
static int by_rank(const void *a, const void *b)
{
	const struct job *x = a, *y = b;
	return x->rank < y->rank ? -1 : x->rank > y->rank;
}

void misp_fetch_run(struct misp_fetch *sync, bool (*stop)(void), time_t deadline)
{
	if (sync->job_count > 1)
		qsort(sync->jobs, sync->job_count, sizeof *sync->jobs, by_rank);
	for (size_t done = 0; done < sync->job_count; done += AT_ONCE) {
		size_t left = sync->job_count - done;
		run_jobs(sync->jobs + done, left < AT_ONCE ? left : AT_ONCE, stop, deadline);
	}
	for (size_t i = 0; i < sync->update_count; i++)
		misp_update_end(&sync->updates[i], sync->guard);
}
