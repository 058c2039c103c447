/* SPDX-License-Identifier: BSD-3-Clause */
#include "feedsync/feeds/misp_update.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "feedsync/base/atomic_dir.h"
#include "feedsync/base/atomic_file.h"
#include "feedsync/base/disk_budget.h"
#include "feedsync/base/json.h"
#include "feedsync/base/log.h"
#include "feedsync/base/maxima.h"
#include "feedsync/base/wall_clock.h"
#include "feedsync/base/xalloc.h"
#include "feedsync/feeds/signature.h"
#include "feedsync/feeds/versions_lock.h"
#include "feedsync/formats/misp/misp_events.h"
#include "libweir/errors.h"

enum { EVENTS_MISSING = -ENODATA };

enum error_class misp_error_class(int status)
{
	return status == -EKEYREJECTED ? ERROR_SIGNATURE : error_class_from_code(status);
}

/* ---- the manifest ---- */

/* Puts the manifest into `next`: the fetched one, or the last good one if the server says that it is current. */
static int put_manifest(const struct feed *feed, const struct fetch *fetch, struct why *why)
{
	char path[4096];
	misp_event_path(feed->next, "manifest", path);
	if (fetch->status == FETCH_OK)
		return atomic_file_replace_unsynced(fetch->path, path, why);
	int status = atomic_dir_link(feed->good, "manifest.json", feed->next, "manifest.json");
	if (status != 0)
		return why_set(why, status, "cannot use %.180s/manifest.json: %s", feed->good, error_text(status));
	return 0;
}

/* Makes `next` with the manifest and its signature. */
static int begin_version(const struct feed *feed, const struct fetch *fetch, struct why *why)
{
	int status = atomic_dir_begin(feed->next, why);
	if (status == 0)
		status = put_manifest(feed, fetch, why);
	return status == 0 ? signature_put(feed, fetch->status == FETCH_OK, why) : status;
}

struct misp_update *misp_update_begin(struct feed *feed, const struct fetch *fetch)
{
	struct misp_update *update = xcalloc(1, sizeof *update);
	struct why why;
	update->feed = feed;
	int status = begin_version(feed, fetch, &why);
	if (status == 0)
		status = misp_plan_begin(&update->plan, feed, &why);
	if (status != 0) {
		atomic_dir_remove(feed->next);
		feed_fail(feed, misp_error_class(status), why.text);
		misp_plan_end(&update->plan);
		free(update);
		return NULL;
	}
	bool ours = fetch->status == FETCH_UNCHANGED;
	memcpy(update->etag, ours ? feed->record.etag : fetch->new_etag, sizeof update->etag);
	memcpy(update->last_modified, ours ? feed->record.last_modified : fetch->new_last_modified,
		sizeof update->last_modified);
	update->fetched_at = ours ? feed->record.fetched_at : wall_now();
	update->changed = update->plan.renamed;
	update->new_manifest = !ours;
	return update;
}

/* ---- events ---- */

/* Whether a fetched event is the one that the signed manifest tells. */
static int check_event_digest(const struct event_plan *plan, const char *path, struct why *why)
{
	char sha256[SHA256_TEXT];
	int status = digest_sha256_file(sha256, path, why);
	if (status == 0 && strcmp(sha256, plan->sha256) != 0)
		status = why_set(why, -EKEYREJECTED,
			"signature: its SHA-256 is not the one in the signed manifest (integrity:sha256)");
	return status;
}

/* Notes the older of the two versions that the manifest and the event itself tell: a server may go on handing out an
 * old copy for a while. */
int misp_update_take(struct misp_update *update, struct event_plan *plan, const struct fetch *fetch, struct why *why)
{
	struct feed_event *known = &plan->known;
	struct node *document = NULL;
	int status = plan->sha256[0] ? check_event_digest(plan, fetch->path, why) : 0;
	if (status == 0)
		status = json_load(&document, fetch->path, MAX_BODY, why);
	const struct node *event = misp_event(document);
	const char *uuid = node_text(node_get(event, "uuid"), NULL);
	uint64_t timestamp;
	if (document && !event)
		status = why_set(why, -EBADMSG, "does not hold one MISP event");
	else if (uuid && strcasecmp(uuid, known->uuid) != 0)
		status = why_set(why, -EBADMSG, "holds another event, %.36s", uuid);
	if (!node_number(node_get(event, "timestamp"), &timestamp) || timestamp > plan->timestamp)
		timestamp = plan->timestamp;
	node_free(document);
	char path[4096], old[4096];
	misp_event_path(update->feed->next, known->uuid, path);
	misp_event_path(update->feed->good, plan->old, old);
	bool same = status == 0 && plan->old[0] && files_are_same(fetch->path, old);
	if (status == 0 && !same)
		status = atomic_file_replace_unsynced(fetch->path, path, why);
	else if (unlink(fetch->path) == 0)
		disk_budget_give(fetch->room, fetch->octets);
	if (status != 0)
		return status;
	known->timestamp = timestamp;
	memcpy(known->etag, fetch->new_etag, sizeof known->etag);
	memcpy(known->last_modified, fetch->new_last_modified, sizeof known->last_modified);
	memcpy(known->sha256, plan->sha256, sizeof known->sha256);
	known->asked_at = known->fetched_at = wall_now();
	plan->fetched = !same;
	update->changed |= !same;
	return 0;
}

/* Whether the last good version of an event cannot be used. */
static bool is_damaged(const struct misp_update *update, const struct event_plan *plan, struct why *why)
{
	char path[4096];
	struct node *document;
	misp_event_path(update->feed->good, plan->old, path);
	int status = json_load(&document, path, MAX_BODY, why);
	node_free(document);
	return status != 0 && !error_is_shortage(status);
}

/* Drops an event that is missing on the server and cannot be read here: it would keep the next version from being used.
 * Once is not enough: nothing is known about the events where that was found before (feed_note_damage). */
static bool give_up_event(struct misp_update *update, struct event_plan *plan, struct why *why)
{
	if (!plan->old[0] || update->feed->event_count > 0 || !is_damaged(update, plan, why))
		return false;
	plan->old[0] = '\0';
	update->changed = true;
	return true;
}

void misp_update_miss(
	struct misp_update *update, struct event_plan *plan, bool missing, enum error_class class, const char *error)
{
	enum { TOLD = 10 }; /* the rest is a number */
	const char *uuid = plan->known.uuid;
	struct why why;
	bool lost = missing && give_up_event(update, plan, &why);
	bool older = plan->old[0] != '\0';
	bool unvouched = older && !plan->vouched;
	const char *here = lost        ? "; its last good version cannot be used: "
			   : unvouched ? "; no signed manifest told the version that is here"
			   : older     ? "; its last good version stays in use"
				       : "";
	bool holds = unvouched && !update->unvouched;
	update->unvouched |= unvouched;
	update->missing += missing && !older;
	if (update->missed++ < TOLD)
		log_warning("feed %s: event %s: %s%s%s", update->feed->config->name, uuid, error, here,
			lost ? why.text : "");
	else if (update->missed == TOLD + 1)
		log_warning("feed %s: more events could not be fetched; they are not listed here",
			update->feed->config->name);
	if (holds || ((!missing || older || lost) && !update->error[0])) {
		update->error_class = class;
		snprintf(update->error, sizeof update->error, "event %s: %.380s%s", uuid, error, holds ? here : "");
	}
}

/* ---- the new version ---- */

/* Notes as a change each event that the manifest no longer lists. */
static void note_unlisted(struct misp_update *update)
{
	for (size_t i = 0; i < update->plan.old_count; i++) {
		if (misp_plan_find(&update->plan, update->plan.old[i]))
			continue;
		log_info("feed %s: event %s is no longer in the manifest; it is dropped", update->feed->config->name,
			update->plan.old[i]);
		update->changed = true;
	}
}

/* Adds the events that stay to `next`. */
static int link_events(const struct misp_update *update, struct why *why)
{
	const struct feed *feed = update->feed;
	for (size_t i = 0; i < update->plan.count; i++) {
		const struct event_plan *plan = &update->plan.events[i];
		char old[48], name[48];
		if (plan->fetched || !plan->old[0])
			continue;
		snprintf(old, sizeof old, "%s.json", plan->old);
		snprintf(name, sizeof name, "%s.json", plan->known.uuid);
		int status = atomic_dir_link(feed->good, old, feed->next, name);
		if (status != 0)
			return why_set(why, status, "cannot stage event %s: %s", plan->known.uuid, error_text(status));
	}
	return 0;
}

/* Judges what is in `next`. Returns EVENTS_MISSING, with update->error_class, if nothing is in it because events could
 * not be had. */
static int check_next_events(
	struct misp_update *update, const struct guard *guard, struct parse_report *report, struct why *why)
{
	int status = feed_check(update->feed, update->feed->next, guard, report, why);
	if (status == 0 && report->counts.entries == 0 && update->error[0])
		return why_set(why, EVENTS_MISSING, "%s", update->error);
	if (status == 0 && report->counts.entries == 0 && update->missing > 0) {
		update->error_class = ERROR_HTTP;
		return why_set(why, EVENTS_MISSING,
			"not one usable entry, and %llu of %zu listed events are missing on the server",
			(unsigned long long)update->missing, update->plan.count);
	}
	return status == 0 ? feed_check_alarms(update->feed, report, guard, why) : status;
}

/* Takes over what is known about the version that is now the last good one. */
static void note_known_events(struct misp_update *update)
{
	struct feed *feed = update->feed;
	free(feed->events);
	feed->events = xcalloc(update->plan.count, sizeof *feed->events);
	feed->event_count = 0;
	for (size_t i = 0; i < update->plan.count; i++)
		if (update->plan.events[i].fetched || update->plan.events[i].old[0])
			feed->events[feed->event_count++] = update->plan.events[i].known;
	feed->record.missing = update->missing;
	memcpy(feed->record.etag, update->etag, sizeof feed->record.etag);
	memcpy(feed->record.last_modified, update->last_modified, sizeof feed->record.last_modified);
	feed->record.fetched_at = update->fetched_at;
}

/* Forgets in feed.json what the server called the version before: a run may be cut off after the new version has come to
 * its place, and before all is known about it. Then the server must not be asked whether it is still the one before. */
static int forget_validators(const struct misp_update *update, struct why *why)
{
	struct feed *feed = update->feed;
	feed->record.etag[0] = feed->record.last_modified[0] = '\0';
	for (size_t i = 0; i < feed->event_count; i++) {
		const struct event_plan *plan = misp_plan_find(&update->plan, feed->events[i].uuid);
		if (!plan || !plan->fetched)
			continue;
		feed->events[i].timestamp = 0;
		feed->events[i].etag[0] = feed->events[i].last_modified[0] = '\0';
	}
	int status = feed_save(feed, why);
	return status < 0 ? status : 0;
}

/* Puts `next`, which is good, in the place of the last good version. */
static int replace_version(struct misp_update *update, struct why *why)
{
	struct feed *feed = update->feed;
	int status = versions_lock_shared(feed->directory, why);
	if (status == 0)
		status = forget_validators(update, why);
	if (status == 0)
		status = atomic_dir_commit(feed->next, feed->good, why);
	if (status == DURABILITY_UNCERTAIN)
		log_warning("feed %s: durability uncertain", feed->config->name);
	return status;
}

/* Puts other words about the same events in their place. The signature follows its manifest: a run that is cut off
 * between them leaves a signature that does not count, until the next run. */
static int replace_manifest(const struct feed *feed, struct why *why)
{
	char from[4096], to[4096];
	int status = versions_lock_shared(feed->directory, why);
	misp_event_path(feed->next, "manifest", from);
	misp_event_path(feed->good, "manifest", to);
	if (status == 0)
		status = atomic_file_replace(from, to, why);
	signature_path(feed->next, from);
	signature_path(feed->good, to);
	if (status >= 0 && access(from, F_OK) == 0)
		status = atomic_file_replace(from, to, why);
	return status;
}

/* Makes `next` the last good version, if it differs and is good. */
static int commit_events(struct misp_update *update, const struct guard *guard, struct why *why)
{
	struct feed *feed = update->feed;
	if (!update->changed && feed_has_good(feed)) {
		feed->run.result = FEED_UNCHANGED;
		return replace_manifest(feed, why);
	}
	struct parse_report *report = xcalloc(1, sizeof *report);
	int status = link_events(update, why);
	if (status == 0)
		status = check_next_events(update, guard, report, why);
	if (status == 0)
		status = replace_version(update, why);
	if (status >= 0) {
		feed_adopt(feed, report, update->error[0] == '\0');
		feed->record.changed_at = wall_now();
	}
	free(report);
	return status;
}

void misp_update_end(struct misp_update **update, const struct guard *guard)
{
	struct misp_update *u = *update;
	struct feed *feed = u->feed;
	struct why why;
	note_unlisted(u);
	int status = u->unvouched ? why_set(&why, EVENTS_MISSING, "%s", u->error) : commit_events(u, guard, &why);
	if (status < 0) {
		feed_fail(feed, status == EVENTS_MISSING ? u->error_class : feed_error_class(feed, status), why.text);
	} else {
		note_known_events(u);
		if (u->new_manifest)
			signature_accept(feed);
		feed_clear_error(feed);
		if (u->error[0])
			feed_fail(feed, u->error_class, u->error);
		else if (u->missing > 0)
			snprintf(feed->record.error, sizeof feed->record.error,
				"%llu of %zu listed events are missing on the server", (unsigned long long)u->missing,
				u->plan.count);
	}
	atomic_dir_remove(feed->next);
	misp_plan_end(&u->plan);
	free(u);
	*update = NULL;
}
