#include "misp_sync.h"

#include <errno.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "error.h"
#include "json.h"
#include "log.h"
#include "misp.h"
#include "publish.h"

void misp_sync_url(const struct feed *feed, const char *name, char url[2048])
{
	/* A query part (?key=...) of the feed's URL goes behind the document's name. */
	const char *base = feed->config->url, *query = strchr(base, '?');
	size_t length = query ? (size_t)(query - base) : strlen(base);
	while (length > 0 && base[length - 1] == '/')
		length--;
	snprintf(url, 2048, "%.*s/%s.json%s", (int)length, base, name, query ? query : "");
}

static void event_path(const struct feed *feed, const char *uuid, char path[4096])
{
	snprintf(path, 4096, "%s/%s.json", feed->good, uuid);
}

static int load_manifest(const char *path, struct manifest_entry **entries, size_t *count, struct why *why)
{
	struct node *document = json_load(path, MAX_BODY, why);
	if (!document)
		return -EBADMSG;
	int status = misp_manifest(document, entries, count, why);
	node_free(document);
	return status;
}

void misp_sync_manifest(struct feed *feed, const struct fetch *fetch)
{
	struct manifest_entry *entries = NULL;
	size_t count;
	struct why why;
	char path[4096], text[400];
	int status = load_manifest(fetch->path, &entries, &count, &why);
	free(entries);
	if (status != 0) {
		unlink(fetch->path);
		snprintf(text, sizeof text, "manifest.json: %s", why.text);
		feed_fail(feed, text);
		return;
	}
	event_path(feed, "manifest", path);
	if (publish_file(fetch->path, path, &why) < 0) {
		feed_fail(feed, why.text);
		return;
	}
	feed->result = FEED_UNCHANGED; /* until an event turns out to have changed */
	memcpy(feed->etag, fetch->new_etag, sizeof feed->etag);
	memcpy(feed->last_modified, fetch->new_last_modified, sizeof feed->last_modified);
}

/* ---- events ---- */

/* One event to be fetched. */
struct job {
	struct feed *feed;
	struct feed_event *event;
	uint64_t timestamp; /* that the manifest gives */
};

struct jobs {
	struct job *list;
	size_t count, room;
};

static void add_job(struct jobs *jobs, struct feed *feed, struct feed_event *event, uint64_t timestamp)
{
	if (jobs->count == jobs->room) {
		jobs->room = jobs->room ? jobs->room * 2 : 256;
		jobs->list = realloc(jobs->list, jobs->room * sizeof *jobs->list);
		if (!jobs->list) {
			log_error("out of memory");
			exit(2);
		}
	}
	jobs->list[jobs->count++] = (struct job){feed, event, timestamp};
}

static int by_uuid(const void *a, const void *b)
{
	/* The UUID is the first member of both things that are sorted and searched by it. */
	return strcasecmp(a, b);
}

_Static_assert(offsetof(struct feed_event, uuid) == 0 && offsetof(struct manifest_entry, uuid) == 0, "by_uuid");

/* Removes the files of events that the manifest lists no more. */
static bool remove_unlisted(const struct feed *feed, const struct manifest_entry *entries, size_t count)
{
	bool removed = false;
	for (size_t i = 0; i < feed->event_count; i++) {
		char path[4096];
		if (bsearch(feed->events[i].uuid, entries, count, sizeof *entries, by_uuid))
			continue;
		event_path(feed, feed->events[i].uuid, path);
		removed |= unlink(path) == 0;
		log_info("feed %s: event %s is listed no more", feed->config->name, feed->events[i].uuid);
	}
	return removed;
}

/* Compares the manifest with the events that are there, and lists what to fetch. */
static void plan(struct feed *feed, struct jobs *jobs)
{
	struct manifest_entry *entries = NULL;
	size_t count = 0;
	struct why why;
	char path[4096];
	event_path(feed, "manifest", path);
	if (load_manifest(path, &entries, &count, &why) != 0) {
		feed_fail(feed, why.text);
		return;
	}
	struct feed_event *events = calloc(count + 1, sizeof *events);
	if (!events) {
		log_error("out of memory");
		exit(2);
	}
	qsort(entries, count, sizeof *entries, by_uuid);
	if (feed->event_count > 1)
		qsort(feed->events, feed->event_count, sizeof *feed->events, by_uuid);
	if (remove_unlisted(feed, entries, count))
		feed->result = FEED_FRESH;
	for (size_t i = 0; i < count; i++) {
		const struct feed_event *known = feed->event_count == 0
							 ? NULL
							 : bsearch(entries[i].uuid, feed->events, feed->event_count,
								   sizeof *feed->events, by_uuid);
		event_path(feed, entries[i].uuid, path);
		bool there = access(path, F_OK) == 0;
		if (known && there)
			events[i] = *known;
		memcpy(events[i].uuid, entries[i].uuid, sizeof events[i].uuid);
		if (!known || !there || events[i].timestamp < entries[i].timestamp)
			add_job(jobs, feed, &events[i], entries[i].timestamp);
	}
	free(feed->events);
	free(entries);
	feed->events = events;
	feed->event_count = count;
	feed->missing = 0;
}

/* Checks a fetched event and puts it in its place. */
static int take_event(const struct job *job, const struct fetch *fetch, struct why *why)
{
	struct node *document = json_load(fetch->path, MAX_BODY, why);
	if (!document) {
		unlink(fetch->path);
		return -EBADMSG;
	}
	const struct node *event = misp_event(document);
	const char *uuid = node_text(node_get(event, "uuid"), NULL);
	int status = 0;
	if (!event)
		status = why_set(why, -EBADMSG, "holds no MISP event");
	else if (uuid && strcasecmp(uuid, job->event->uuid) != 0)
		status = why_set(why, -EBADMSG, "holds another event, %.36s", uuid);
	node_free(document);
	if (status != 0) {
		unlink(fetch->path);
		return status;
	}
	char path[4096];
	event_path(job->feed, job->event->uuid, path);
	return publish_into(fetch->path, path, why);
}

/* Notes that an event could not be had, and whether an older version of it is in use. */
static void miss_event(struct feed *feed, const struct job *job, bool missing, const char *error)
{
	char path[4096];
	event_path(feed, job->event->uuid, path);
	bool older = access(path, F_OK) == 0;
	feed->missing += missing && !older;
	log_warning("feed %s: event %s: %s%s", feed->config->name, job->event->uuid, error,
		older ? "; its last good version stays in use" : "");
	/* An event that the server lists but does not have is a hole that feeds in the wild have, no failure of ours.
	 */
	if (missing && !older)
		return;
	if (!feed->partly)
		snprintf(feed->error, sizeof feed->error, "event %s: %.400s", job->event->uuid, error);
	feed->partly = true;
}

static void conclude_job(const struct job *job, const struct fetch *fetch)
{
	struct feed *feed = job->feed;
	struct why why;
	switch (fetch->status) {
	case FETCH_OK:
		if (take_event(job, fetch, &why) != 0) {
			miss_event(feed, job, false, why.text);
			return;
		}
		memcpy(job->event->etag, fetch->new_etag, sizeof job->event->etag);
		memcpy(job->event->last_modified, fetch->new_last_modified, sizeof job->event->last_modified);
		feed->result = FEED_FRESH;
		break;
	case FETCH_UNCHANGED: break;
	case FETCH_MISSING: miss_event(feed, job, true, fetch->error); return;
	case FETCH_FAILED: miss_event(feed, job, false, fetch->error); return;
	}
	job->event->timestamp = job->timestamp;
}

/* Fetches some of the jobs at the same time: few enough for their requests to take little memory. */
static void run_jobs(const struct job *jobs, size_t count, bool (*stop)(void))
{
	struct fetch *fetches = calloc(count + 1, sizeof *fetches);
	if (!fetches) {
		log_error("out of memory");
		exit(2);
	}
	for (size_t i = 0; i < count; i++) {
		const struct feed *feed = jobs[i].feed;
		fetches[i].ca = feed->config->ca;
		misp_sync_url(feed, jobs[i].event->uuid, fetches[i].url);
		snprintf(fetches[i].path, sizeof fetches[i].path, "%s/new-%zu", feed->directory, i);
		memcpy(fetches[i].etag, jobs[i].event->etag, sizeof fetches[i].etag);
		memcpy(fetches[i].last_modified, jobs[i].event->last_modified, sizeof fetches[i].last_modified);
	}
	fetch_all(fetches, count, stop);
	for (size_t i = 0; i < count; i++)
		conclude_job(&jobs[i], &fetches[i]);
	free(fetches);
}

/* How a feed came out, once all of its events have. */
static void conclude_feed(struct feed *feed)
{
	struct why why;
	if (publish_sync(feed->good, &why) != 0)
		log_warning("feed %s: %s", feed->config->name, why.text);
	if (!feed->partly) {
		if (feed->missing > 0)
			snprintf(feed->error, sizeof feed->error, "%llu of %zu listed events are missing on the server",
				(unsigned long long)feed->missing, feed->event_count);
		return;
	}
	feed->result = FEED_NOTHING;
	for (size_t i = 0; i < feed->event_count; i++)
		if (feed->events[i].timestamp > 0)
			feed->result = FEED_LAST_GOOD;
}

void misp_sync_events(struct feed *feeds, const bool *due, size_t count, bool (*stop)(void))
{
	enum { AT_ONCE = 256 };
	struct jobs jobs = {0};
	for (size_t i = 0; i < count; i++)
		if (due[i] && feeds[i].config->format->parse_directory &&
			(feeds[i].result == FEED_FRESH || feeds[i].result == FEED_UNCHANGED))
			plan(&feeds[i], &jobs);
	for (size_t done = 0; done < jobs.count; done += AT_ONCE)
		run_jobs(jobs.list + done, jobs.count - done < AT_ONCE ? jobs.count - done : AT_ONCE, stop);
	free(jobs.list);
	for (size_t i = 0; i < count; i++)
		if (due[i] && feeds[i].config->format->parse_directory && feeds[i].event_count > 0)
			conclude_feed(&feeds[i]);
}
