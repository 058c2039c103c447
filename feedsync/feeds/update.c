/* SPDX-License-Identifier: BSD-3-Clause */
#include "feedsync/feeds/update.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "feedsync/base/atomic_dir.h"
#include "feedsync/base/atomic_file.h"
#include "feedsync/base/disk_budget.h"
#include "feedsync/base/log.h"
#include "feedsync/base/wall_clock.h"
#include "feedsync/feeds/accept.h"
#include "feedsync/feeds/document.h"
#include "feedsync/feeds/instance.h"
#include "feedsync/feeds/misp_fetch.h"
#include "feedsync/feeds/paged.h"
#include "feedsync/feeds/server_words.h"
#include "feedsync/feeds/signature.h"
#include "feedsync/net/credentials.h"
#include "feedsync/net/fetch_all.h"
#include "libweir/errors.h"

/* ---- the request ---- */

/* Removes downloads that a run has left that died. */
static void remove_old_downloads(const struct feed *feed)
{
	atomic_dir_remove(feed->next);
	DIR *dir = opendir(feed->directory);
	for (struct dirent *entry; dir && (entry = readdir(dir));)
		if (strcmp(entry->d_name, "new") == 0 || strncmp(entry->d_name, "new-", 4) == 0)
			atomic_dir_remove_at(dirfd(dir), entry->d_name);
	if (dir)
		closedir(dir);
}

/* Makes the feed's directory ready, and reads what is known of the feed if that could not be read before. */
static int prepare_feed(struct feed *feed, struct why *why)
{
	int status = directory_create(feed->directory);
	if (status != 0)
		return why_set(why, status, "cannot create %s: %s", feed->directory, error_text(status));
	if (feed->unread)
		status = feed_read(feed, why);
	if (status != 0)
		return status;
	remove_old_downloads(feed);
	signature_recall(feed);
	feed->run.accept = accept_found(feed->directory);
	feed->record.alarm = ALARM_NONE;
	return 0;
}

/* Prepares the request for a feed's document, for its manifest or index, or for the first of its pages. */
static int prepare_request(struct feed *feed, struct fetch *fetch, struct why *why)
{
	int status = 0;
	fetch->trust = &feed->config->trust;
	snprintf(fetch->path, sizeof fetch->path, "%s/new", feed->directory);
	if (feed->config->format->layout == LAYOUT_PAGES)
		return paged_begin(feed, fetch, why);
	if (feed->config->format->layout == LAYOUT_LISTING)
		return instance_begin(feed, fetch, why);
	/* Some servers have validators that do not change although the document does. They are believed for a while. */
	if (feed_has_good(feed) && signature_is_current(feed) && wall_ago(feed->record.fetched_at) < WHOLE_FETCH_S) {
		memcpy(fetch->etag, feed->record.etag, sizeof fetch->etag);
		memcpy(fetch->last_modified, feed->record.last_modified, sizeof fetch->last_modified);
	}
	if (feed->config->format->layout == LAYOUT_EVENTS)
		status = url_below(feed->config->url, "manifest.json", fetch->url);
	else
		snprintf(fetch->url, sizeof fetch->url, "%s", feed->config->url);
	return status == 0 ? 0 : why_set(why, -EPROTO, "the URL is too long");
}

/* ---- the answer ---- */

/* Notes what the server says about the time. What it sent is judged by that. */
static void hear_server(struct feed *feed, const struct fetch *fetch)
{
	const struct wall_voice voice = {fetch->url, fetch->ahead};
	feed->run.dated = fetch->dated;
	feed->run.ahead = fetch->ahead;
	wall_hear(&voice, fetch->dated ? 1 : 0);
}

static void take_document(struct feed *feed, const struct fetch *fetch, const struct guard *guard)
{
	switch (fetch->status) {
	case FETCH_OK:
		feed_clear_error(feed);
		document_take(feed, fetch, guard);
		break;
	case FETCH_UNCHANGED:
		feed_clear_error(feed);
		feed->run.result = FEED_UNCHANGED;
		break;
	case FETCH_MISSING:
	case FETCH_FAILED: feed_fail(feed, fetch->error_class, fetch->error); break;
	}
}

static void take_answer(struct feed *feed, struct fetch *fetch, const struct guard *guard, time_t deadline)
{
	hear_server(feed, fetch);
	signature_check(feed, fetch, deadline);
	feed->record.retry_at = 0;
	feed_note_wait(feed, fetch);
	if (fetch->status == FETCH_OK)
		memcpy(feed->record.redirected_to, fetch->redirected_to, sizeof feed->record.redirected_to);
	switch (feed->config->format->layout) {
	case LAYOUT_DOCUMENT: take_document(feed, fetch, guard); break;
	case LAYOUT_EVENTS: misp_fetch(feed, fetch, guard, deadline); break;
	case LAYOUT_PAGES: paged_end(fetch, guard); break;
	case LAYOUT_LISTING: instance_update(feed, fetch, guard, deadline); break;
	}
}

/* ---- the update ---- */

void update_conclude(struct feed *feed)
{
	uint64_t now = wall_now();
	if (feed->run.accept)
		accept_end(feed->directory);
	feed->record.asked_at = now;
	bool failed = feed->run.result == FEED_LAST_GOOD || feed->run.result == FEED_NOTHING;
	if (feed->run.result == FEED_FRESH)
		feed->record.changed_at = now;
	if (!failed)
		feed->record.current_at = now;
	feed->record.failures = failed ? feed->record.failures + 1 : 0;
	if (feed->run.result == FEED_NOTHING)
		log_error("feed %s: %s; there is no good version yet", feed->config->name, feed->record.error);
	else if (failed)
		log_warning("feed %s: %s; the last good version stays", feed->config->name, feed->record.error);
	else
		log_info("feed %s: %s%s%s", feed->config->name, feed_result_text(feed->run.result),
			feed->record.error[0] ? "; " : "", feed->record.error);
	if (signature_is_old(feed->record.signed_at, feed->config->trust.max_age_s, now))
		log_warning("feed %s: signed %llu days ago (max-signature-age): is there nothing newer, or is it held "
			    "back?",
			feed->config->name, (unsigned long long)((now - feed->record.signed_at) / ONE_DAY_S));
}

void update_feed(struct feed *feed, const struct guard *guard)
{
	time_t deadline = fetch_deadline();
	struct credentials access = {0};
	struct disk_budget room;
	struct fetch fetch = {.access = &access, .room = &room};
	struct why why;
	feed->run.result = FEED_NOT_DUE;
	feed->run.accepted = false;
	int status = prepare_feed(feed, &why);
	/* If a feed has many files, the old ones stay beside the new ones. */
	disk_budget_begin(&room, feed->directory, feed->config->format->layout == LAYOUT_DOCUMENT ? NULL : feed->good);
	const struct feed_config *config = feed->config;
	int secret = 0;
	if (status == 0)
		secret = credentials_load(
			&access, config->access.kind, config->access.user, config->access.secret_file, &why);
	if (status == 0 && secret == 0)
		status = prepare_request(feed, &fetch, &why);
	if (status == 0 && secret == 0) {
		fetch_all(&fetch, 1, deadline);
		tell_server_words(&fetch);
		take_answer(feed, &fetch, guard, deadline);
	} else {
		feed_fail(feed, secret != 0 ? ERROR_AUTH : feed_error_class(feed, status), why.text);
	}
	credentials_forget(&access);
	update_conclude(feed);
}
