/* SPDX-License-Identifier: BSD-3-Clause */
#include "feedsync/feeds/feed.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "feedsync/base/atomic_dir.h"
#include "feedsync/base/atomic_file.h"
#include "feedsync/base/clean.h"
#include "feedsync/base/json.h"
#include "feedsync/base/log.h"
#include "feedsync/base/wall_clock.h"
#include "feedsync/base/xalloc.h"
#include "feedsync/feeds/accept.h"
#include "feedsync/feeds/misp_fetch.h"
#include "feedsync/feeds/paged.h"
#include "feedsync/feeds/signature.h"
#include "feedsync/feeds/versions_lock.h"
#include "feedsync/unpack/inflate.h"
#include "libweir/errors.h"

const char *feed_result_text(enum feed_result result)
{
	switch (result) {
	case FEED_NOT_DUE: return "not due";
	case FEED_UNCHANGED: return "unchanged";
	case FEED_FRESH: return "fresh";
	case FEED_LAST_GOOD: return "last good";
	case FEED_NOTHING: return "nothing";
	case FEED_STOPPED: return "stopped";
	}
	return "?";
}

bool feed_has_good(const struct feed *feed)
{
	static const char *const files[] = {[LAYOUT_EVENTS] = "/manifest.json", [LAYOUT_PAGES] = "/pages.json"};
	const char *file = files[feed->config->format->layout];
	char path[4096];
	snprintf(path, sizeof path, "%s%s", feed->good, file ? file : "");
	return access(path, F_OK) == 0 || errno != ENOENT; /* what cannot be seen just now is not gone */
}

void feed_fail(struct feed *feed, const char *error)
{
	feed->result = feed_has_good(feed) ? FEED_LAST_GOOD : FEED_NOTHING;
	clean_text(feed->error, sizeof feed->error, error);
}

#define SPOILT "its last good version cannot be used"

/* How much of the error is kept for the last attempt: it goes before what feed_note_damage has put behind it already, and
 * leaves room for that. */
static int attempt_length(const struct feed *feed)
{
	const char *spoilt = strstr(feed->error, SPOILT);
	size_t length = spoilt ? (size_t)(spoilt - feed->error) : strlen(feed->error);
	if (spoilt && length > 0)
		length -= strlen("; ");
	return (int)(length < sizeof feed->error / 2 ? length : sizeof feed->error / 2);
}

/* What is the matter with the last good version, with its path below the state directory. A parser's reason may begin
 * with the feed's name, which stands for that path. */
static void tell_spoilt(const struct feed *feed, const char *reason, char text[512])
{
	const struct feed_config *config = feed->config;
	size_t length = strlen(config->name);
	bool named = strncmp(reason, config->name, length) == 0 && (reason[length] == ':' || reason[length] == '/');
	bool in_part = feed->tally.damaged > 0; /* what can be read of it is the feed, and nothing else stays */
	snprintf(text, 512, SPOILT "%s: feeds/%s/good.%s%s%s", in_part ? "" : ", what is published of it stays",
		config->name, config->format->name, named ? "" : ": ", named ? reason + length : reason);
}

void feed_note_damage(struct feed *feed, const char *reason)
{
	char text[512], error[sizeof feed->error];
	int attempt = attempt_length(feed);
	tell_spoilt(feed, reason, text);
	log_error("feed %s: %s; it will be fetched anew", feed->config->name, text);
	snprintf(error, sizeof error, "%.*s%s%.250s", attempt, feed->error, attempt > 0 ? "; " : "", text);
	if (feed->failures == 0)
		feed->failures = 1;
	feed_fail(feed, error);
	feed->spoilt = true;
	feed->etag[0] = feed->last_modified[0] = '\0';
	feed->event_count = 0;
}

void feed_note_wait(struct feed *feed, const struct fetch *fetch)
{
	if (fetch->status == FETCH_FAILED && fetch->retry_after_s > 0)
		feed->retry_at = wall_now() + fetch->retry_after_s;
}

uint64_t feed_wait(const struct feed *feed)
{
	uint64_t now = wall_now(), wait = feed->retry_at > now ? feed->retry_at - now : 0;
	if (feed->asked_at > now && feed->retry_at > feed->asked_at) /* the clock was set back since */
		wait = feed->retry_at - feed->asked_at;
	return wait < MAX_RETRY_AFTER_S ? wait : MAX_RETRY_AFTER_S;
}

/* Of a format that the feed had before and may have again: it would be taken for what is known of it then. */
static void remove_former_versions(const struct feed *feed)
{
	const char *own = strrchr(feed->good, '/') + 1;
	DIR *dir = opendir(feed->directory);
	if (!dir)
		return;
	for (struct dirent *entry; (entry = readdir(dir));)
		if (strncmp(entry->d_name, "good.", 5) == 0 && strcmp(entry->d_name, own) != 0)
			atomic_dir_remove_at(dirfd(dir), entry->d_name);
	closedir(dir);
}

void feed_adopt(struct feed *feed, const struct tally *tally, bool whole)
{
	/* As many as there were when the version before it came, and are no more in force. */
	uint64_t renewed = tally->entries < feed->reference ? tally->entries : feed->reference;
	if (renewed > feed->tally.entries && renewed - feed->tally.entries > feed->lapsed)
		feed->lapsed = renewed - feed->tally.entries;
	feed->expired += feed->new_expired;
	feed->tally = *tally;
	if (whole)
		feed->reference = tally->entries;
	feed->result = FEED_FRESH;
	remove_former_versions(feed);
}

static void new_path(const struct feed *feed, char path[4096])
{
	snprintf(path, 4096, "%s/new", feed->directory);
}

/* Prepares the request for a feed's document, for its manifest, or for the first of its pages. */
static int prepare_request(struct feed *feed, struct fetch *fetch, struct why *why)
{
	int status = 0;
	*fetch = (struct fetch){.trust = &feed->config->trust, .access = &feed->access, .room = &feed->room};
	new_path(feed, fetch->path);
	if (feed->config->format->layout == LAYOUT_PAGES)
		return paged_begin(feed, fetch, why);
	/* There are servers whose validators do not change though the document does: they are believed for a while. */
	if (feed_has_good(feed) && signature_is_current(feed) && wall_ago(feed->fetched_at) < WHOLE_FETCH_S) {
		memcpy(fetch->etag, feed->etag, sizeof fetch->etag);
		memcpy(fetch->last_modified, feed->last_modified, sizeof fetch->last_modified);
	}
	if (feed->config->format->layout == LAYOUT_EVENTS)
		status = url_below(feed->config->url, "manifest.json", fetch->url);
	else
		snprintf(fetch->url, sizeof fetch->url, "%s", feed->config->url);
	return status == 0 ? 0 : why_set(why, status, "the URL is too long");
}

/* ---- feeds that are one document ---- */

/* Whether the document tells itself that it is whole: compressed ones do, when they are read. */
static bool shows_its_end(const char *path)
{
	if (inflate_tells_end(path))
		return true;
	FILE *in = fopen(path, "re");
	bool ends = in && fseek(in, -1, SEEK_END) == 0 && fgetc(in) == '\n';
	if (in)
		fclose(in);
	return ends;
}

/* Whether a new document may become the last good one; fills in its tally. */
static int check_new_document(
	struct feed *feed, const struct fetch *fetch, const struct guard *guard, struct tally *tally, struct why *why)
{
	if (fetch->open_ended && !shows_its_end(fetch->path))
		return why_set(why, -EBADMSG, "cut off: the server tells no length, and the last line has no end");
	int status = feed_check(feed, fetch->path, guard, tally, why);
	return status == 0 ? feed_check_alarms(feed, tally, guard, why) : status;
}

/* Puts a new document in the place of the last good one. A run may be cut off before all is known of it: so it is told
 * beforehand by which sum it will be known, and that its validators are not. */
static int replace_good(struct feed *feed, const char *path, const char *sum, struct why *why)
{
	snprintf(feed->next_sum, sizeof feed->next_sum, "%s", sum);
	feed->etag[0] = feed->last_modified[0] = '\0';
	int status = versions_lock_shared(feed->directory, why);
	if (status == 0)
		status = feed_save(feed, why);
	return status < 0 ? status : atomic_file_replace(path, feed->good, why);
}

/* Makes a new document, if it is good, the last good one. */
static void take_document(struct feed *feed, const struct fetch *fetch, const struct guard *guard)
{
	struct why why;
	struct tally tally = {0};
	char sum[FILE_SUM];
	int status = file_sum(fetch->path, sum, &why);
	bool same = status == 0 && files_are_same(fetch->path, feed->good);
	if (status == 0 && !same)
		status = check_new_document(feed, fetch, guard, &tally, &why);
	if (status == 0 && !same)
		status = replace_good(feed, fetch->path, sum, &why);
	if (status < 0 || same)
		unlink(fetch->path);
	if (status < 0) {
		feed_fail(feed, why.text);
		return;
	}
	if (status == DURABILITY_UNCERTAIN)
		log_warning("feed %s: %s", feed->config->name, why.text);
	feed->result = FEED_UNCHANGED;
	if (!same)
		feed_adopt(feed, &tally, true);
	memcpy(feed->sum, sum, sizeof feed->sum);
	feed->next_sum[0] = '\0';
	memcpy(feed->etag, fetch->new_etag, sizeof feed->etag);
	memcpy(feed->last_modified, fetch->new_last_modified, sizeof feed->last_modified);
	feed->fetched_at = wall_now();
	signature_accept(feed);
}

static void take_answer(struct feed *feed, const struct fetch *fetch, const struct guard *guard)
{
	switch (fetch->status) {
	case FETCH_OK:
		feed->error[0] = '\0';
		take_document(feed, fetch, guard);
		break;
	case FETCH_UNCHANGED:
		feed->error[0] = '\0';
		feed->result = FEED_UNCHANGED;
		break;
	case FETCH_MISSING:
	case FETCH_FAILED: feed_fail(feed, fetch->error); break;
	case FETCH_STOPPED: feed->result = FEED_STOPPED; break;
	}
}

/* ---- all of them ---- */

void feed_conclude(struct feed *feed)
{
	uint64_t now = wall_now();
	if (feed->result == FEED_STOPPED)
		return;
	if (feed->accept)
		accept_end(feed->directory);
	feed->asked_at = now;
	bool failed = feed->result == FEED_LAST_GOOD || feed->result == FEED_NOTHING;
	if (feed->result == FEED_FRESH)
		feed->changed_at = now;
	if (!failed)
		feed->current_at = now;
	feed->failures = failed ? feed->failures + 1 : 0;
	if (feed->result == FEED_NOTHING)
		log_error("feed %s: %s; there is no good version yet", feed->config->name, feed->error);
	else if (failed)
		log_warning("feed %s: %s; the last good version stays", feed->config->name, feed->error);
	else
		log_info("feed %s: %s%s%s", feed->config->name, feed_result_text(feed->result),
			feed->error[0] ? "; " : "", feed->error);
	if (signature_is_old(feed->signed_at, feed->config->trust.max_age_s, now))
		log_warning("feed %s: signed %llu days ago (max-signature-age): is there nothing newer, or is it held "
			    "back?",
			feed->config->name, (unsigned long long)((now - feed->signed_at) / ONE_DAY_S));
}

/* Removes downloads that a run which died has left. */
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

/* Makes ready the feed's directory and its request. */
static int prepare_feed(struct feed *feed, struct fetch *fetch, struct why *why)
{
	int status = directory_create(feed->directory);
	if (status != 0)
		return why_set(why, status, "cannot create %s: %s", feed->directory, error_text(status));
	if (feed->unread)
		status = feed_read(feed, why);
	if (status != 0)
		return status;
	remove_old_downloads(feed);
	bool stays = feed->config->format->layout != LAYOUT_DOCUMENT;
	disk_budget_begin(&feed->room, feed->directory, stays ? feed->good : NULL);
	feed->accept = accept_found(feed->directory);
	feed->alarm = ALARM_NONE;
	status = credentials_load(&feed->access, feed->config, why);
	if (status != 0)
		return status;
	return prepare_request(feed, fetch, why);
}

/* What the servers say of the time, by which what they sent is judged. */
static void hear_servers(struct feed *feeds, const size_t *owner, const struct fetch *fetches, size_t count)
{
	struct wall_voice *voices = xcalloc(count, sizeof *voices);
	size_t heard = 0;
	for (size_t f = 0; f < count; f++) {
		feeds[owner[f]].dated = fetches[f].dated;
		feeds[owner[f]].ahead = fetches[f].ahead;
		if (fetches[f].dated)
			voices[heard++] = (struct wall_voice){fetches[f].url, fetches[f].ahead};
	}
	wall_hear(voices, heard);
	free(voices);
}

void feeds_fetch(struct feed *feeds, const bool *due, size_t count, const struct guard *guard, bool (*stop)(void))
{
	struct fetch *fetches = xcalloc(count, sizeof *fetches);
	size_t *owner = xcalloc(count, sizeof *owner), asked = 0;
	time_t deadline = fetch_deadline();
	for (size_t i = 0; i < count; i++) {
		struct why why;
		feeds[i].result = FEED_NOT_DUE;
		feeds[i].accepted = false;
		if (!due[i])
			continue;
		if (prepare_feed(&feeds[i], &fetches[asked], &why) == 0)
			owner[asked++] = i;
		else
			feed_fail(&feeds[i], why.text);
	}
	fetch_all(fetches, asked, stop, deadline);
	hear_servers(feeds, owner, fetches, asked);
	signatures_check(feeds, owner, fetches, asked, stop, deadline);
	struct misp_fetch *misp = misp_fetch_new(guard);
	for (size_t f = 0; f < asked; f++) {
		if (fetches[f].status != FETCH_STOPPED)
			feeds[owner[f]].retry_at = 0;
		feed_note_wait(&feeds[owner[f]], &fetches[f]);
		if (fetches[f].status == FETCH_OK)
			memcpy(feeds[owner[f]].redirected_to, fetches[f].redirected_to,
				sizeof fetches[f].redirected_to);
		switch (feeds[owner[f]].config->format->layout) {
		case LAYOUT_DOCUMENT: take_answer(&feeds[owner[f]], &fetches[f], guard); break;
		case LAYOUT_EVENTS: misp_fetch_add(misp, &feeds[owner[f]], &fetches[f]); break;
		case LAYOUT_PAGES: paged_end(&fetches[f], guard); break;
		}
	}
	misp_fetch_run(misp, stop, deadline);
	misp_fetch_free(&misp);
	free(fetches);
	free(owner);
	for (size_t i = 0; i < count; i++) {
		credentials_forget(&feeds[i].access);
		if (due[i])
			feed_conclude(&feeds[i]);
	}
}
