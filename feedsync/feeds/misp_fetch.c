/* SPDX-License-Identifier: BSD-3-Clause */
#include "feedsync/feeds/misp_fetch.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "feedsync/base/maxima.h"
#include "feedsync/base/wall_clock.h"
#include "feedsync/base/xalloc.h"
#include "feedsync/feeds/misp_update.h"
#include "feedsync/net/fetch_all.h"
#include "libweir/errors.h"

enum { AT_ONCE = 256 }; /* requests at a time: few enough to take little memory */

static void prepare_event_request(
	const struct feed *feed, const struct fetch *manifest, const struct feed_event *event, struct fetch *fetch)
{
	char name[48];
	*fetch = (struct fetch){
		.trust = manifest->trust, .access = manifest->access, .room = manifest->room, .most = MAX_EVENT};
	snprintf(name, sizeof name, "%s.json", event->uuid);
	if (url_below(feed->config->url, name, fetch->url) != 0)
		fetch->url[0] = '\0'; /* libcurl will say so */
	snprintf(fetch->path, sizeof fetch->path, "%s/new-%s", feed->directory, event->uuid);
	/* What a signed manifest tells is not the file here, so that is no answer. */
	if (feed->config->trust.is_signed || wall_ago(event->fetched_at) >= WHOLE_EVENT_S)
		return;
	memcpy(fetch->etag, event->etag, sizeof fetch->etag);
	memcpy(fetch->last_modified, event->last_modified, sizeof fetch->last_modified);
}

static void conclude_event(struct misp_update *update, struct event_plan *plan, const struct fetch *fetch)
{
	struct why why;
	int status;
	feed_note_wait(update->feed, fetch);
	switch (fetch->status) {
	case FETCH_OK:
		status = misp_update_take(update, plan, fetch, &why);
		if (status != 0)
			misp_update_miss(update, plan, false, misp_error_class(status), why.text);
		break;
	case FETCH_UNCHANGED: plan->known.asked_at = wall_now(); break;
	case FETCH_MISSING: misp_update_miss(update, plan, true, fetch->error_class, fetch->error); break;
	case FETCH_FAILED: misp_update_miss(update, plan, false, fetch->error_class, fetch->error); break;
	}
}

/* Fetches the next events that are due, from `*next` on; none is left if it returns false. */
static bool fetch_some(struct misp_update *update, size_t *next, const struct fetch *manifest, time_t deadline)
{
	struct event_plan *due[AT_ONCE];
	size_t count = 0;
	for (; *next < update->plan.count && count < AT_ONCE; ++*next)
		if (update->plan.events[*next].due)
			due[count++] = &update->plan.events[*next];
	struct fetch *fetches = xcalloc(count, sizeof *fetches);
	for (size_t i = 0; i < count; i++)
		prepare_event_request(update->feed, manifest, &due[i]->known, &fetches[i]);
	if (count > 0)
		fetch_all(fetches, count, deadline);
	for (size_t i = 0; i < count; i++)
		conclude_event(update, due[i], &fetches[i]);
	free(fetches);
	return count > 0;
}

static void fetch_events(struct feed *feed, const struct fetch *manifest, const struct guard *guard, time_t deadline)
{
	struct misp_update *update = misp_update_begin(feed, manifest);
	size_t next = 0;
	if (!update)
		return;
	while (fetch_some(update, &next, manifest, deadline))
		;
	misp_update_end(&update, guard);
}

void misp_fetch(struct feed *feed, const struct fetch *manifest, const struct guard *guard, time_t deadline)
{
	switch (manifest->status) {
	case FETCH_OK:
	case FETCH_UNCHANGED: fetch_events(feed, manifest, guard, deadline); break;
	case FETCH_MISSING:
	case FETCH_FAILED: feed_fail(feed, manifest->error_class, manifest->error); break;
	}
}
