/* SPDX-License-Identifier: BSD-3-Clause */
#include "feedsync/feeds/paged.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "feedsync/base/atomic_dir.h"
#include "feedsync/base/atomic_file.h"
#include "feedsync/base/json.h"
#include "feedsync/base/log.h"
#include "feedsync/base/xalloc.h"
#include "feedsync/feeds/paged_private.h"
#include "feedsync/feeds/versions_lock.h"
#include "libweir/errors.h"

/* ---- pages ---- */

int paged_prepare(struct paged *s, const struct pages *before, struct why *why)
{
	int status = atomic_dir_begin(s->feed->next, why);
	for (uint64_t i = 1; status == 0 && before && i <= before->count; i++) {
		char name[32];
		snprintf(name, sizeof name, "%llu.json", (unsigned long long)i);
		status = atomic_dir_link(s->feed->good, name, s->feed->next, name);
		if (status != 0)
			return why_set(why, status, "cannot stage page %s: %s", name, error_text(status));
	}
	s->pages = before ? *before : (struct pages){0};
	return status;
}

bool paged_repeats(const struct paged *s, const struct fetch *fetch)
{
	char before[4096];
	uint64_t mark = 1; /* the last page of those that came first, second, fourth, eighth ... */
	while (mark * 2 <= s->kept)
		mark *= 2;
	pages_path(s->feed->next, s->pages.count - s->kept + mark, before);
	return s->kept > 0 && files_are_same(before, fetch->path);
}

int paged_keep(struct paged *s, const struct fetch *fetch, struct why *why)
{
	char path[4096];
	pages_path(s->feed->next, s->pages.count + 1, path);
	int status = atomic_file_replace_unsynced(fetch->path, path, why);
	if (status != 0)
		return status;
	s->pages.count++;
	s->kept++;
	return 0;
}

/* ---- under way ---- */

static int read_answer(struct paged *s, struct fetch *fetch, struct why *why)
{
	struct node *document;
	s->octets += fetch->octets;
	if (s->octets > MAX_FEED_DISK)
		return why_set(why, -EFBIG, "more than %llu MB in all", (unsigned long long)(MAX_FEED_DISK >> 20));
	int status = json_load(&document, fetch->path, MAX_BODY, why);
	if (status == 0)
		status = taxii_read(s, document, fetch, why);
	node_free(document);
	if (status == 1 && (s->asked == MAX_PAGES || s->pages.count == MAX_PAGES))
		return why_set(why, -EFBIG, "more than %d pages", MAX_PAGES);
	return status;
}

/* fetch.more: a document has come. */
static bool take_page(struct fetch *fetch)
{
	struct paged *s = fetch->owner;
	struct why why;
	int status = read_answer(s, fetch, &why);
	unlink(fetch->path); /* unless it is kept */
	if (status < 0)
		fetch_give_up(fetch, FETCH_FAILED, feed_error_class(s->feed, status), why.text);
	s->asked += status == 1;
	return status == 1;
}

int paged_begin(struct feed *feed, struct fetch *fetch, struct why *why)
{
	struct paged *s = xcalloc(1, sizeof *s);
	s->feed = feed;
	s->asked = 1;
	fetch->more = take_page;
	fetch->owner = s;
	int status = taxii_begin(s, fetch, why);
	if (status != 0) {
		taxii_end(s);
		free(s);
	}
	return status;
}

/* ---- the new version ---- */

/* Whether the new version's pages are those of the last good one. */
static bool pages_are_same(const struct paged *s)
{
	struct pages old;
	struct why why;
	bool same = pages_read(&old, s->feed->good, &why) == 0 && old.count == s->pages.count;
	for (uint64_t i = 1; same && i <= old.count; i++) {
		char a[4096], b[4096];
		pages_path(s->feed->good, i, a);
		pages_path(s->feed->next, i, b);
		same = files_are_same(a, b);
	}
	return same;
}

static int check_next_pages(
	const struct paged *s, const struct guard *guard, struct parse_report *report, struct why *why)
{
	int status = feed_check(s->feed, s->feed->next, guard, report, why);
	if (status == 0 && report->counts.damaged > 0)
		return why_set(why, -EBADMSG, "%llu pages cannot be read", (unsigned long long)report->counts.damaged);
	return status == 0 ? feed_check_alarms(s->feed, report, guard, why) : status;
}

/* Makes `next` the last good version, if it differs and is good. Returns 0, DURABILITY_UNCERTAIN or an error. */
static int commit_pages(struct paged *s, const struct guard *guard, struct why *why)
{
	struct feed *feed = s->feed;
	feed->run.result = FEED_UNCHANGED;
	if (s->kept == 0 && s->pages.count > 0)
		return 0; /* nothing was added to what is there */
	if (pages_are_same(s)) {
		int inside = versions_lock_shared(feed->directory, why);
		return inside == 0 ? pages_write(&s->pages, feed->good, why) : inside;
	}
	struct parse_report *report = xcalloc(1, sizeof *report);
	int status = pages_write(&s->pages, feed->next, why);
	if (status >= 0)
		status = check_next_pages(s, guard, report, why);
	if (status == 0)
		status = versions_lock_shared(feed->directory, why);
	if (status == 0)
		status = atomic_dir_commit(feed->next, feed->good, why);
	if (status >= 0)
		feed_adopt(feed, report, true);
	free(report);
	return status;
}

static void conclude_pages(struct paged *s, const struct guard *guard)
{
	struct feed *feed = s->feed;
	struct why why;
	int status = commit_pages(s, guard, &why);
	if (status < 0) {
		feed_fail(feed, feed_error_class(feed, status), why.text);
		return;
	}
	if (status == DURABILITY_UNCERTAIN)
		log_warning("feed %s: durability uncertain", feed->config->name);
	feed_clear_error(feed);
	/* Next time only new objects are asked for if this agrees with what lies beside the pages. */
	snprintf(feed->record.etag, sizeof feed->record.etag, "%s", s->pages.added_after);
	feed->record.last_modified[0] = '\0';
}

void paged_end(struct fetch *fetch, const struct guard *guard)
{
	struct paged *s = fetch->owner;
	char error[400];
	switch (fetch->status) {
	case FETCH_OK: conclude_pages(s, guard); break;
	case FETCH_UNCHANGED: /* no condition was sent */
	case FETCH_MISSING:
	case FETCH_FAILED:
		snprintf(error, sizeof error, "document %llu: %s", (unsigned long long)s->asked, fetch->error);
		feed_fail(s->feed, fetch->error_class, s->asked > 1 ? error : fetch->error);
		break;
	}
	atomic_dir_remove(s->feed->next);
	taxii_end(s);
	free(s);
	fetch->owner = NULL;
}
