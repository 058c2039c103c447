/* SPDX-License-Identifier: BSD-3-Clause */
#include "feedsync/feeds/misp_plan.h"

#include <dirent.h>
#include <errno.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "feedsync/base/json.h"
#include "feedsync/base/maxima.h"
#include "feedsync/base/wall_clock.h"
#include "feedsync/base/xalloc.h"
#include "feedsync/feeds/schedule.h"
#include "feedsync/feeds/signature.h"
#include "feedsync/formats/misp/misp_events.h"
#include "feedsync/base/uuid.h"
#include "libweir/errors.h"

void misp_event_path(const char *directory, const char *uuid, char path[4096])
{
	snprintf(path, 4096, "%s/%s.json", directory, uuid);
}

/* ---- the manifest ---- */

static int by_uuid(const void *a, const void *b)
{
	/* The UUID is the first member of all three structures that are sorted and searched by it. */
	return strcasecmp(a, b);
}

/* Reads the manifest of a version; its events come sorted. */
static int load_manifest(const char *version, struct manifest_entry **entries, size_t *count, struct why *why)
{
	char path[4096];
	misp_event_path(version, "manifest", path);
	struct node *document;
	int status = json_load(&document, path, MAX_BODY, why);
	if (status != 0)
		return status;
	status = misp_manifest(document, entries, count, why);
	node_free(document);
	if (status == 0 && *count > 1)
		qsort(*entries, *count, sizeof **entries, by_uuid);
	return status;
}

_Static_assert(offsetof(struct feed_event, uuid) == 0 && offsetof(struct manifest_entry, uuid) == 0 &&
		       offsetof(struct event_plan, known) == 0,
	"by_uuid");

/* Whether to ask for an event again. Without a usable time only the server can tell. A time in the future would hide
 * every change until then. */
static bool is_due(const struct event_plan *event)
{
	return event->timestamp == 0 || event->timestamp != event->known.timestamp ||
	       event->timestamp > wall_now() + ONE_DAY_S;
}

/* Whether the manifest of a feed that must be signed vouches for each of its events. */
static int check_integrity(const struct manifest_entry *entries, size_t count, struct why *why)
{
	for (size_t i = 0; i < count; i++)
		if (!entries[i].sha256[0])
			return why_set(why, -EKEYREJECTED,
				"event %s has no \"integrity:sha256\" there; with \"minisign-key\" each event needs "
				"one, since "
				"the signature is the manifest's",
				entries[i].uuid);
	return 0;
}

/* Compares the event's file here with what signed manifests tell: the new one, the one before, and that of the last good
 * version, which tells `told` ("" = nothing). */
static void judge_old_event(struct event_plan *event, const struct feed *feed, const char *told)
{
	char path[4096], sha256[SHA256_TEXT] = "";
	struct why why;
	misp_event_path(feed->good, event->old, path);
	if (!event->old[0] || digest_sha256_file(sha256, path, &why) != 0)
		sha256[0] = '\0'; /* it is fetched anew */
	bool known = signature_is_current(feed) && strcmp(sha256, event->known.sha256) == 0;
	event->due = strcmp(sha256, event->sha256) != 0;
	event->vouched = sha256[0] && (!event->due || known || strcmp(sha256, told) == 0);
	if (event->vouched)
		memcpy(event->known.sha256, sha256, sizeof sha256);
}

static const void *find_by_uuid(const char *uuid, const void *list, size_t count, size_t size)
{
	return count > 0 ? bsearch(uuid, list, count, size, by_uuid) : NULL;
}

/* Judges the events' files where the feed must be signed. The manifest of the last good version is a witness where it is
 * signed itself; one that cannot be read is none. */
static void judge_old_events(struct misp_plan *plan, const struct feed *feed)
{
	struct manifest_entry *witness = NULL;
	size_t count = 0;
	uint64_t signed_at;
	struct why why;
	if (!signature_is_in_good(feed, &signed_at) || load_manifest(feed->good, &witness, &count, &why) != 0)
		count = 0;
	for (size_t i = 0; i < plan->count; i++) {
		const struct manifest_entry *told =
			find_by_uuid(plan->events[i].known.uuid, witness, count, sizeof *witness);
		judge_old_event(&plan->events[i], feed, told ? told->sha256 : "");
	}
	free(witness);
}

/* ---- what is there ---- */

/* Lists the events whose files the last good version has. The files count, not what is remembered about them. If
 * something that is not a directory stands there it has no events, and makes room for the next version. */
static int list_old(struct misp_plan *plan, const struct feed *feed, struct why *why)
{
	DIR *dir = opendir(feed->good);
	size_t room = 0;
	int status = dir || errno == ENOENT || errno == ENOTDIR || errno == ELOOP ? 0 : -errno;
	errno = 0;
	for (struct dirent *entry; dir && (entry = readdir(dir)); errno = 0) {
		char uuid[sizeof *plan->old];
		snprintf(uuid, sizeof uuid, "%.36s", entry->d_name);
		if (!uuid_is_valid(uuid) || strcmp(entry->d_name + 36, ".json") != 0)
			continue;
		plan->old = xgrow(plan->old, plan->old_count, &room, 256, sizeof *plan->old);
		memcpy(plan->old[plan->old_count++], uuid, sizeof uuid);
	}
	if (dir) {
		status = -errno;
		closedir(dir);
	}
	if (status != 0)
		return why_set(why, status, "cannot use %.180s: %s", feed->good, error_text(status));
	if (plan->old_count > 1)
		qsort(plan->old, plan->old_count, sizeof *plan->old, by_uuid);
	return 0;
}

/* Compares the manifest with what the last good version holds. An event may be there although nothing is known about
 * it: the feed has another URL now, or was damaged. It is asked for, and stays if it cannot be had. */
static void plan_events(struct misp_plan *plan, struct feed *feed, const struct manifest_entry *entries, size_t count)
{
	plan->events = xcalloc(count, sizeof *plan->events);
	if (feed->event_count > 1)
		qsort(feed->events, feed->event_count, sizeof *feed->events, by_uuid);
	for (size_t i = 0; i < count; i++) {
		if (i > 0 && by_uuid(&entries[i], &entries[i - 1]) == 0)
			continue; /* the same one in letters of another case */
		struct event_plan *event = &plan->events[plan->count++];
		const char *old = find_by_uuid(entries[i].uuid, plan->old, plan->old_count, sizeof *plan->old);
		const struct feed_event *known =
			old ? find_by_uuid(old, feed->events, feed->event_count, sizeof *feed->events) : NULL;
		if (known)
			event->known = *known;
		if (old)
			memcpy(event->old, old, sizeof event->old);
		memcpy(event->known.uuid, entries[i].uuid, sizeof event->known.uuid);
		event->timestamp = entries[i].timestamp;
		event->due = !known || is_due(event);
		event->vouched = true;
		if (feed->config->trust.is_signed)
			memcpy(event->sha256, entries[i].sha256, sizeof event->sha256);
		/* Without its file, or under another name, an event would be skipped. */
		plan->renamed |= old && strcmp(old, entries[i].uuid) != 0;
	}
}

static int by_asked_at(const void *a, const void *b)
{
	const struct event_plan *const *x = a, *const *y = b;
	uint64_t p = (*x)->known.asked_at, q = (*y)->known.asked_at;
	return p < q ? -1 : p > q;
}

/* An event may change although its time in the manifest does not. So each event is asked for again once a day, some in
 * each run. Those come first that were asked for longest ago. */
static void ask_again(struct misp_plan *plan, const struct feed *feed)
{
	struct event_plan **list = xcalloc(plan->count, sizeof(struct event_plan *));
	size_t count = 0;
	for (size_t i = 0; i < plan->count; i++)
		if (!plan->events[i].due && wall_ago(plan->events[i].known.asked_at) >= ONE_DAY_S)
			list[count++] = &plan->events[i];
	if (count > 1)
		qsort(list, count, sizeof(struct event_plan *), by_asked_at);
	size_t share = schedule_share(plan->count, wall_ago(feed->record.current_at));
	for (size_t i = 0; i < count && i < share; i++)
		list[i]->due = true;
	free(list);
}

/* ---- */

int misp_plan_begin(struct misp_plan *plan, struct feed *feed, struct why *why)
{
	struct manifest_entry *entries = NULL;
	size_t count = 0;
	struct why reason;
	*plan = (struct misp_plan){0};
	int status = load_manifest(feed->next, &entries, &count, &reason);
	if (status == 0 && feed->config->trust.is_signed)
		status = check_integrity(entries, count, &reason);
	if (status != 0)
		why_set(why, status, "manifest.json: %s", reason.text);
	else
		status = list_old(plan, feed, why);
	if (status == 0) {
		plan_events(plan, feed, entries, count);
		if (feed->config->trust.is_signed)
			judge_old_events(plan, feed);
		else
			ask_again(plan, feed);
	}
	free(entries);
	return status;
}

void misp_plan_end(struct misp_plan *plan)
{
	free(plan->events);
	free(plan->old);
	*plan = (struct misp_plan){0};
}

const struct event_plan *misp_plan_find(const struct misp_plan *plan, const char *uuid)
{
	return find_by_uuid(uuid, plan->events, plan->count, sizeof *plan->events);
}
