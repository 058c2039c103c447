/* SPDX-License-Identifier: BSD-3-Clause */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "feedsync/base/atomic_dir.h"
#include "feedsync/base/atomic_file.h"
#include "feedsync/base/json.h"
#include "feedsync/base/log.h"
#include "feedsync/base/maxima.h"
#include "feedsync/base/wall_clock.h"
#include "feedsync/base/xalloc.h"
#include "feedsync/feeds/instance_private.h"
#include "feedsync/feeds/versions_lock.h"
#include "libweir/errors.h"

int instance_begin_version(struct instance *instance, struct why *why)
{
	int status = instance->begun ? 0 : atomic_dir_begin(instance->feed->next, why);
	instance->begun |= status == 0;
	return status;
}

/* ---- what it holds ---- */

static bool holds_file(const struct instance_event *event)
{
	return event->fetched ? event->attributes > 0 : event->here && event->listed.attributes > 0;
}

/* Whether the next version holds other attributes of the event than the last good one. */
static bool is_changed(const struct instance_event *event)
{
	if (event->kind == EVENT_GONE)
		return event->here && event->listed.attributes > 0;
	return event->fetched && (event->renewed || (event->attributes == 0 && event->listed.attributes > 0));
}

static struct listed_event row_of(const struct instance_event *event)
{
	struct listed_event row = event->listed;
	if (event->fetched) {
		row.timestamp = event->unsettled ? 0 : event->timestamp;
		row.fetched_at = wall_now();
		row.attributes = event->attributes;
	}
	return row;
}

static void list_next(const struct instance *instance, struct misp_listing *listing)
{
	size_t room = 0;
	*listing = (struct misp_listing){0};
	for (size_t i = 0; i < instance->count; i++) {
		const struct instance_event *event = &instance->events[i];
		const struct listed_event row = row_of(event);
		if (event->kind != EVENT_GONE && (event->here || event->fetched))
			misp_listing_add(listing, &room, &row);
	}
}

/* ---- its files ---- */

/* Whether the file that is here cannot be used: with it, nothing could. */
static bool is_damaged_here(const struct instance *instance, const struct instance_event *event)
{
	char path[4096];
	struct node *document;
	struct why why;
	if (!instance->everything)
		return false;
	misp_listed_event_path(instance->feed->good, event->listed.uuid, path);
	int status = json_load(&document, path, MAX_BODY, &why);
	node_free(document);
	if (status == 0 || error_is_shortage(status))
		return false;
	log_warning("feed %s: event %s: its last good version cannot be used: %s", instance->feed->config->name,
		event->listed.uuid, why.text);
	return true;
}

/* Links the files that stay. */
static int link_files(struct instance *instance, struct why *why)
{
	const struct feed *feed = instance->feed;
	for (size_t i = 0; i < instance->count; i++) {
		struct instance_event *event = &instance->events[i];
		char name[48];
		if (event->kind == EVENT_GONE || event->renewed || !holds_file(event))
			continue;
		if (!event->fetched && is_damaged_here(instance, event)) {
			event->kind = EVENT_GONE;
			continue;
		}
		snprintf(name, sizeof name, "%s.json", event->listed.uuid);
		int status = atomic_dir_link(feed->good, name, feed->next, name);
		if (status != 0)
			return why_set(why, status, "cannot use event %s: %s", event->listed.uuid, error_text(status));
	}
	return 0;
}

static int write_next_listing(const struct instance *instance, const char *directory, struct why *why)
{
	struct misp_listing listing;
	list_next(instance, &listing);
	int status = misp_listing_write(&listing, directory, why);
	misp_listing_free(&listing);
	return status;
}

/* ---- the version ---- */

static int check_next_version(
	const struct instance *instance, const struct guard *guard, struct parse_report *report, struct why *why)
{
	struct feed *feed = instance->feed;
	int status = feed_check(feed, feed->next, guard, report, why);
	if (status == 0 && report->counts.damaged > 0)
		return why_set(why, -EBADMSG, "%llu events cannot be read", (unsigned long long)report->counts.damaged);
	if (status == 0 && report->counts.entries == 0 && instance->error[0])
		return why_set(why, -ENODATA, "%s", instance->error);
	return status == 0 ? feed_check_alarms(feed, report, guard, why) : status;
}

static int commit_version(struct instance *instance, const struct guard *guard, struct why *why)
{
	struct feed *feed = instance->feed;
	struct parse_report *report = xcalloc(1, sizeof *report);
	int status = instance_begin_version(instance, why);
	if (status == 0)
		status = link_files(instance, why);
	if (status == 0)
		status = write_next_listing(instance, feed->next, why);
	if (status >= 0)
		status = check_next_version(instance, guard, report, why);
	if (status == 0)
		status = versions_lock_shared(feed->directory, why);
	if (status == 0)
		status = atomic_dir_commit(feed->next, feed->good, why);
	if (status >= 0) {
		feed_adopt(feed, report, instance->error[0] == '\0');
		feed->record.changed_at = wall_now();
	}
	free(report);
	return status;
}

/* Notes in the last good version what the instance says of the same names. */
static int renew_listing(const struct instance *instance, struct why *why)
{
	struct feed *feed = instance->feed;
	bool any = instance->listing_changed;
	feed->run.result = FEED_UNCHANGED;
	for (size_t i = 0; !any && i < instance->count; i++)
		any = instance->events[i].fetched || instance->events[i].kind == EVENT_GONE;
	int status = any ? versions_lock_shared(feed->directory, why) : 0;
	return any && status == 0 ? write_next_listing(instance, feed->good, why) : status;
}

static bool is_other_version(const struct instance *instance)
{
	for (size_t i = 0; i < instance->count; i++)
		if (is_changed(&instance->events[i]))
			return true;
	return false;
}

static int settle_version(struct instance *instance, const struct guard *guard, struct why *why)
{
	char path[4096];
	misp_listing_path(instance->feed->good, path);
	bool first = access(path, F_OK) != 0;
	/* What version 0.1.0 has left knows nothing of events: it stays whole until all of them have come. */
	if (first && instance->error[0] && feed_has_good(instance->feed))
		return why_set(why, -ENODATA, "%s", instance->error);
	return first || is_other_version(instance) ? commit_version(instance, guard, why)
						   : renew_listing(instance, why);
}

/* How many events are being edited, and since when the first of them. */
static void note_edited(struct instance *instance)
{
	struct feed_record *record = &instance->feed->record;
	record->edited = record->edited_at = 0;
	for (size_t i = 0; i < instance->count; i++) {
		const struct instance_event *event = &instance->events[i];
		uint64_t since = event->kind == EVENT_GONE ? 0 : event->listed.unpublished_at;
		record->edited += since > 0;
		if (since > 0 && (record->edited_at == 0 || since < record->edited_at))
			record->edited_at = since;
	}
}

void instance_end_version(struct instance *instance, const struct guard *guard)
{
	struct feed *feed = instance->feed;
	struct why why;
	int status = settle_version(instance, guard, &why);
	if (status == DURABILITY_UNCERTAIN)
		log_warning("feed %s: durability uncertain", feed->config->name);
	if (status < 0) {
		feed_fail(feed, status == -ENODATA ? instance->error_class : feed_error_class(feed, status), why.text);
		return;
	}
	note_edited(instance);
	feed_clear_error(feed);
	if (instance->error[0])
		feed_fail(feed, instance->error_class, instance->error);
	feed->record.fetched_at = wall_now();
	/* Says that the listing is of this URL, and its files whole: it is forgotten where they are not. */
	snprintf(feed->record.etag, sizeof feed->record.etag, "events.json");
	feed->record.last_modified[0] = '\0';
}
