/* SPDX-License-Identifier: BSD-3-Clause */
#include "feedsync/feeds/document.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "feedsync/base/atomic_file.h"
#include "feedsync/base/cut_off.h"
#include "feedsync/base/file_sum.h"
#include "feedsync/base/log.h"
#include "feedsync/base/wall_clock.h"
#include "feedsync/base/xalloc.h"
#include "feedsync/feeds/signature.h"
#include "feedsync/feeds/versions_lock.h"
#include "feedsync/formats/guess_format.h"
#include "feedsync/unpack/unpack.h"
#include "libweir/errors.h"

/* Whether the document itself shows that it is whole. Compressed documents do, when they are read. */
static bool shows_its_end(const char *path)
{
	if (unpack_tells_end(path))
		return true;
	FILE *in = fopen(path, "re");
	bool ends = in && fseek(in, -1, SEEK_END) == 0 && fgetc(in) == '\n';
	if (in)
		fclose(in);
	return ends;
}

/* Whether a new document may become the last good one; fills in the report. */
static int check_new_document(struct feed *feed, const struct fetch *fetch, const struct guard *guard,
	struct parse_report *report, struct why *why)
{
	if (fetch->open_ended && !shows_its_end(fetch->path))
		return why_set(why, -EBADMSG, "cut off: the server tells no length, and the last line has no end");
	if (feed->config->allows && list_is_cut_off(fetch->path, feed->good))
		return why_set(
			why, -EBADMSG, "cut off: its last line has no end, and the version before goes on there");
	int status = feed_check(feed, fetch->path, guard, report, why);
	return status == 0 ? feed_check_alarms(feed, report, guard, why) : status;
}

/* Fails because of a document. Where most of it is not in the feed's format, or in another spelling than its settings say,
 * what it looks like is told too. */
static void refuse_document(
	struct feed *feed, const char *path, const struct parse_counts *counts, int status, const struct why *why)
{
	char error[sizeof feed->record.error], advice[GUESS_WORDS] = "";
	if (status == -EBADMSG && counts_unread(counts) && counts->damaged == 0)
		guess_advice(path, feed->config->format, &feed->config->options, counts->entries, why->text, advice);
	snprintf(error, sizeof error, "%s%s%.240s", why->text, advice[0] ? "; " : "", advice);
	feed_fail(feed, feed_error_class(feed, status), error);
}

/* Puts a new document in the place of the last good one. A run may be cut off before all is known about the document.
 * So feed.json is written first: it has the sum by which the document will be recognised, and no validators. */
static int replace_good(struct feed *feed, const char *path, const char *sum, struct why *why)
{
	snprintf(feed->record.next_sum, sizeof feed->record.next_sum, "%s", sum);
	feed->record.etag[0] = feed->record.last_modified[0] = '\0';
	int status = versions_lock_shared(feed->directory, why);
	if (status == 0)
		status = feed_save(feed, why);
	return status < 0 ? status : atomic_file_replace(path, feed->good, why);
}

/* Makes a new document, if it is good, the last good one. */
void document_take(struct feed *feed, const struct fetch *fetch, const struct guard *guard)
{
	struct why why;
	struct parse_report *report = xcalloc(1, sizeof *report);
	char sum[FILE_SUM];
	int status = file_sum(fetch->path, sum, &why);
	bool same = status == 0 && files_are_same(fetch->path, feed->good);
	if (status == 0 && !same)
		status = check_new_document(feed, fetch, guard, report, &why);
	if (status == 0 && !same)
		status = replace_good(feed, fetch->path, sum, &why);
	if (status < 0)
		refuse_document(feed, fetch->path, &report->counts, status, &why);
	if (status < 0 || same)
		unlink(fetch->path);
	if (status < 0) {
		free(report);
		return;
	}
	if (status == DURABILITY_UNCERTAIN)
		log_warning("feed %s: %s", feed->config->name, why.text);
	feed->run.result = FEED_UNCHANGED;
	if (!same)
		feed_adopt(feed, report, true);
	free(report);
	memcpy(feed->record.sum, sum, sizeof feed->record.sum);
	feed->record.next_sum[0] = '\0';
	memcpy(feed->record.etag, fetch->new_etag, sizeof feed->record.etag);
	memcpy(feed->record.last_modified, fetch->new_last_modified, sizeof feed->record.last_modified);
	feed->record.fetched_at = wall_now();
	signature_accept(feed);
}
