#include "feed.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "compile.h"
#include "error.h"
#include "json.h"
#include "log.h"
#include "misp_sync.h"
#include "publish.h"

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

static bool is_misp(const struct feed *feed)
{
	return feed->config->format->parse_directory != NULL;
}

bool feed_has_good(const struct feed *feed)
{
	char path[4096];
	snprintf(path, sizeof path, "%s%s", feed->good, is_misp(feed) ? "/manifest.json" : "");
	return access(path, F_OK) == 0;
}

void feed_fail(struct feed *feed, const char *error)
{
	feed->result = feed_has_good(feed) ? FEED_LAST_GOOD : FEED_NOTHING;
	snprintf(feed->error, sizeof feed->error, "%s", error);
}

static int make_directories(const struct feed *feed)
{
	char path[2304];
	snprintf(path, sizeof path, "%s", feed->directory);
	for (char *at = path + 1; *at; at++) {
		if (*at != '/')
			continue;
		*at = '\0';
		if (mkdir(path, 0755) != 0 && errno != EEXIST)
			return -errno;
		*at = '/';
	}
	if (mkdir(path, 0755) != 0 && errno != EEXIST)
		return -errno;
	if (is_misp(feed) && mkdir(feed->good, 0755) != 0 && errno != EEXIST)
		return -errno;
	return 0;
}

static void new_path(const struct feed *feed, char path[4096])
{
	snprintf(path, 4096, "%s/new", feed->directory);
}

/* Prepares the request for a feed's document, or for its manifest. */
static void ask(const struct feed *feed, struct fetch *fetch)
{
	char good[4096];
	*fetch = (struct fetch){.ca = feed->config->ca};
	if (is_misp(feed)) {
		misp_sync_url(feed, "manifest", fetch->url);
		snprintf(good, sizeof good, "%s/manifest.json", feed->good);
	} else {
		snprintf(fetch->url, sizeof fetch->url, "%s", feed->config->url);
		snprintf(good, sizeof good, "%s", feed->good);
	}
	new_path(feed, fetch->path);
	if (access(good, F_OK) != 0)
		return;
	memcpy(fetch->etag, feed->etag, sizeof fetch->etag);
	memcpy(fetch->last_modified, feed->last_modified, sizeof fetch->last_modified);
}

/* ---- feeds that are one document ---- */

static bool same_content(const char *a, const char *b)
{
	static char x[65536], y[65536];
	FILE *first = fopen(a, "re"), *second = fopen(b, "re");
	bool same = first && second;
	for (size_t n = 1; same && n > 0;) {
		n = fread(x, 1, sizeof x, first);
		same = fread(y, 1, sizeof y, second) == n && memcmp(x, y, n) == 0;
	}
	if (first)
		fclose(first);
	if (second)
		fclose(second);
	return same;
}

/* Parses a new document and, if it is good, makes it the last good one. */
static void take_document(struct feed *feed, const struct fetch *fetch, const struct guard *guard)
{
	struct why why;
	struct compile_feed parse = {.format = feed->config->format,
		.options = feed->config->options,
		.path = fetch->path,
		.document = feed->config->name};
	if (same_content(fetch->path, feed->good)) {
		unlink(fetch->path);
		feed->result = FEED_UNCHANGED;
	} else {
		int status = compile_check(&parse, guard, &why);
		if (status == 0 && parse.tally.entries == 0)
			status = why_set(&why, -EBADMSG, "%s: not one usable entry (%llu rejected)", feed->config->name,
				(unsigned long long)tally_rejected(&parse.tally));
		if (status != 0) {
			unlink(fetch->path);
			feed_fail(feed, why.text);
			return;
		}
		if (publish_file(fetch->path, feed->good, &why) < 0) {
			feed_fail(feed, why.text);
			return;
		}
		feed->result = FEED_FRESH;
		feed->tally = parse.tally;
	}
	memcpy(feed->etag, fetch->new_etag, sizeof feed->etag);
	memcpy(feed->last_modified, fetch->new_last_modified, sizeof feed->last_modified);
}

static void take(struct feed *feed, const struct fetch *fetch, const struct guard *guard)
{
	feed->error[0] = '\0';
	switch (fetch->status) {
	case FETCH_OK:
		if (is_misp(feed))
			misp_sync_manifest(feed, fetch);
		else
			take_document(feed, fetch, guard);
		break;
	case FETCH_UNCHANGED: feed->result = FEED_UNCHANGED; break;
	case FETCH_MISSING:
	case FETCH_FAILED: feed_fail(feed, fetch->error); break;
	}
}

/* ---- all of them ---- */

/* Ends a feed's turn: times, counts, and the line that says how it came out. */
static void conclude(struct feed *feed, uint64_t now)
{
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
		log_warning("feed %s: %s; the last good version stays in use", feed->config->name, feed->error);
	else
		log_info("feed %s: %s%s%s", feed->config->name, feed_result_text(feed->result),
			feed->error[0] ? "; " : "", feed->error);
}

void feeds_fetch(struct feed *feeds, const bool *due, size_t count, const struct guard *guard, bool (*stop)(void))
{
	struct fetch *fetches = calloc(count + 1, sizeof *fetches);
	size_t *owner = calloc(count + 1, sizeof *owner), asked = 0;
	if (!fetches || !owner) {
		log_error("out of memory");
		exit(2);
	}
	for (size_t i = 0; i < count; i++) {
		feeds[i].result = FEED_NOT_DUE;
		if (!due[i])
			continue;
		int status = make_directories(&feeds[i]);
		if (status != 0) {
			char text[512];
			snprintf(text, sizeof text, "cannot create %.400s: %s", feeds[i].directory, error_text(status));
			feed_fail(&feeds[i], text);
			continue;
		}
		owner[asked] = i;
		ask(&feeds[i], &fetches[asked++]);
	}
	fetch_all(fetches, asked, stop);
	for (size_t f = 0; f < asked; f++)
		take(&feeds[owner[f]], &fetches[f], guard);
	free(fetches);
	free(owner);
	misp_sync_events(feeds, due, count, stop);
	for (size_t i = 0; i < count; i++)
		if (due[i])
			conclude(&feeds[i], (uint64_t)time(NULL));
}
