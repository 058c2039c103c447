/* SPDX-License-Identifier: BSD-3-Clause */
#include "feedsync/feeds/feed.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "feedsync/base/atomic_dir.h"
#include "feedsync/base/clean.h"
#include "feedsync/base/log.h"
#include "feedsync/base/wall_clock.h"
#include "libweir/errors.h"

const char *feed_result_text(enum feed_result result)
{
	switch (result) {
	case FEED_NOT_DUE: return "not due";
	case FEED_UNCHANGED: return "unchanged";
	case FEED_FRESH: return "fresh";
	case FEED_LAST_GOOD: return "last good";
	case FEED_NOTHING: return "nothing";
	}
	return "?";
}

struct feed_outcome feed_outcome(const struct feed *feed)
{
	return (struct feed_outcome){feed->unread, feed->event_count, feed->record, feed->run};
}

void feed_take_outcome(struct feed *feed, const struct feed_outcome *outcome)
{
	feed->unread = outcome->unread;
	feed->event_count = outcome->event_count;
	feed->record = outcome->record;
	feed->run = outcome->run;
}

bool feed_has_good(const struct feed *feed)
{
	/* The file that a version cannot be without. What misp-rest kept in version 0.1.0 are pages (misp_rest.c). */
	static const char *const files[][2] = {[LAYOUT_DOCUMENT] = {""},
		[LAYOUT_EVENTS] = {"/manifest.json"},
		[LAYOUT_PAGES] = {"/pages.json"},
		[LAYOUT_LISTING] = {"/events.json", "/pages.json"}};
	const char *const *file = files[feed->config->format->layout];
	bool found = false;
	for (unsigned i = 0; i < 2 && file[i] && !found; i++) {
		char path[4096];
		snprintf(path, sizeof path, "%s%s", feed->good, file[i]);
		found = access(path, F_OK) == 0 ||
			errno != ENOENT; /* a file that cannot be seen just now is not gone */
	}
	return found;
}

void feed_fail(struct feed *feed, enum error_class class, const char *error)
{
	feed->record.error_class = class;
	feed->run.result = feed_has_good(feed) ? FEED_LAST_GOOD : FEED_NOTHING;
	clean_text(feed->record.error, sizeof feed->record.error, error);
}

void feed_clear_error(struct feed *feed)
{
	feed->record.error[0] = '\0';
	feed->record.error_class = ERROR_NONE;
}

enum error_class feed_error_class(const struct feed *feed, int code)
{
	if (feed->record.alarm != ALARM_NONE)
		return ERROR_ALARM;
	return code == -EPROTO ? ERROR_HTTP : code == -EKEYREJECTED ? ERROR_AUTH : error_class_from_code(code);
}

#define DAMAGED "its last good version cannot be used"

/* How many octets of the error are about the last attempt: those before the part that feed_note_damage added. They
 * leave room for that part. */
static int attempt_length(const struct feed *feed)
{
	const char *damage = strstr(feed->record.error, DAMAGED);
	size_t length = damage ? (size_t)(damage - feed->record.error) : strlen(feed->record.error);
	if (damage && length > 0)
		length -= strlen("; ");
	return (int)(length < sizeof feed->record.error / 2 ? length : sizeof feed->record.error / 2);
}

/* Says what is wrong with the last good version, and gives its path below the state directory. A parser's reason may
 * begin with the feed's name, which stands for that path. */
static void describe_damage(const struct feed *feed, const char *reason, char text[512])
{
	const struct feed_config *config = feed->config;
	size_t length = strlen(config->name);
	bool named = strncmp(reason, config->name, length) == 0 && (reason[length] == ':' || reason[length] == '/');
	bool in_part = feed->record.parsed.counts.damaged > 0; /* the readable part is the feed: nothing else stays */
	snprintf(text, 512, DAMAGED "%s: feeds/%s/good.%s%s%s", in_part ? "" : ", what is published of it stays",
		config->name, config->format->name, named ? "" : ": ", named ? reason + length : reason);
}

void feed_note_damage(struct feed *feed, const char *reason)
{
	char text[512], error[sizeof feed->record.error];
	int attempt = attempt_length(feed);
	describe_damage(feed, reason, text);
	log_error("feed %s: %s; it will be fetched anew", feed->config->name, text);
	snprintf(error, sizeof error, "%.*s%s%.250s", attempt, feed->record.error, attempt > 0 ? "; " : "", text);
	if (feed->record.failures == 0)
		feed->record.failures = 1;
	feed_fail(feed, ERROR_DISK, error);
	feed->run.damaged = true;
	feed->record.etag[0] = feed->record.last_modified[0] = '\0';
	feed->event_count = 0;
}

void feed_note_wait(struct feed *feed, const struct fetch *fetch)
{
	if (fetch->status == FETCH_FAILED && fetch->retry_after_s > 0)
		feed->record.retry_at = wall_now() + fetch->retry_after_s;
}

uint64_t feed_wait(const struct feed *feed)
{
	uint64_t now = wall_now(), wait = feed->record.retry_at > now ? feed->record.retry_at - now : 0;
	if (feed->record.asked_at > now &&
		feed->record.retry_at > feed->record.asked_at) /* the clock was set back since */
		wait = feed->record.retry_at - feed->record.asked_at;
	return wait < MAX_RETRY_AFTER_S ? wait : MAX_RETRY_AFTER_S;
}

/* Removes versions that the feed has from a former format. If the feed gets that format again some day, they would be
 * taken for the version that is known then. */
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

void feed_adopt(struct feed *feed, const struct parse_report *report, bool whole)
{
	const struct parse_counts *counts = &report->counts;
	/* At most so many of the new entries were there when the reference version came. Those beyond what is in force
	 * now had lapsed. */
	uint64_t renewed = counts->entries < feed->record.reference ? counts->entries : feed->record.reference;
	if (renewed > feed->record.parsed.counts.entries &&
		renewed - feed->record.parsed.counts.entries > feed->record.lapsed)
		feed->record.lapsed = renewed - feed->record.parsed.counts.entries;
	feed->record.expired += feed->run.new_expired;
	feed->record.parsed = *report;
	if (whole)
		feed->record.reference = counts->entries;
	feed->run.result = FEED_FRESH;
	remove_former_versions(feed);
}
