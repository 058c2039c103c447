/* SPDX-License-Identifier: BSD-3-Clause */
#include "feedsync/circle/sightings.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "feedsync/base/log.h"
#include "feedsync/base/maxima.h"
#include "feedsync/base/wall_clock.h"
#include "feedsync/circle/circle_lock.h"
#include "feedsync/circle/sighting_directory.h"
#include "feedsync/circle/sighting_log.h"
#include "feedsync/circle/sighting_record.h"
#include "feedsync/circle/sighting_send.h"
#include "feedsync/circle/sighting_way.h"
#include "feedsync/trends/period.h"
#include "feedsync/trends/trends_store.h"
#include "libweir/errors.h"

enum {
	PENDING_DAYS = 30,  /* what is pending for longer is given up */
	SETTLED_DAYS = 90,  /* what has become of sightings is known for so long */
	CATCH_UP_DAYS = 14, /* a day that is over for longer is not closed any more */
};

/* Telling under way. */
struct telling {
	const struct sightings_request *request;
	const struct config *config;
	uint64_t now;
	struct trends *trends;
	bool judged; /* the judge has begun, */
	struct judge judge;
	int judge_status; /* with this result */
	struct why judge_why;
	const struct partner *partner;
	struct sighting_store *store;
	struct sighting_record record;
};

/* ---- closing days ---- */

/* The judge is the same for all partners and days, and is needed only where there is a day to close. */
static int begin_judging(struct telling *t, struct why *why)
{
	if (!t->judged)
		t->judge_status = judge_begin(&t->judge, t->config, t->now, &t->judge_why);
	t->judged = true;
	*why = t->judge_why;
	return t->judge_status;
}

static int close_day(struct telling *t, uint64_t day, struct why *why)
{
	struct sighting_selection selection = {0};
	char text[PERIOD_TEXT];
	uint64_t added = 0;
	int status = begin_judging(t, why);
	if (status == 0)
		status = sighting_selection_make(&selection, &t->judge, t->trends, t->partner, day, t->now, why);
	if (status == 0)
		status = sighting_store_drop_known(t->store, t->partner->name, selection.list, &selection.count, why);
	/* What is about to be told is in the log before anything can be sent. */
	if (status == 0 && selection.count > 0)
		status = sighting_log_pending(t->config, t->partner, day, t->now, &selection, why);
	if (status == 0) {
		const struct sighting_day closed = {day, t->now, sighting_way_find(t->partner->to)->made,
			selection.list, selection.count, selection.withheld};
		status = sighting_store_close_day(t->store, t->partner->name, &closed, &added, why);
	}
	if (status == 0)
		log_info("sightings %s: %llu of %s are to be told", t->partner->name, (unsigned long long)added,
			period_text((struct period){day, day}, text));
	sighting_selection_free(&selection);
	return status;
}

/* Closes the days that are due. A partner that is new begins with the last one. */
static int close_days(struct telling *t, struct why *why)
{
	uint64_t last = 0, due = sighting_due_day(t->partner, t->now);
	int status = sighting_store_last_day(t->store, t->partner->name, &last, why);
	uint64_t first = last > 0 ? last + 1 : due;
	if (due >= CATCH_UP_DAYS && first + CATCH_UP_DAYS <= due)
		first = due + 1 - CATCH_UP_DAYS;
	if (status != 0 || first > due)
		return status;
	if (!t->trends) {
		status = trends_open(&t->trends, t->config->state, false, why);
		if (status == -ENOENT) /* nothing was ever counted */
			return 0;
	}
	for (uint64_t day = first; status == 0 && day <= due; day++)
		status = close_day(t, day, why);
	return status;
}

/* ---- a partner ---- */

static int send_pending(struct telling *t, struct sighting_outcome *outcome, struct why *why)
{
	const uint64_t today = t->now / ONE_DAY_S;
	const char *made = sighting_way_find(t->partner->to)->made;
	int status =
		sighting_store_forget(t->store, t->partner->name, made, today > PENDING_DAYS ? today - PENDING_DAYS : 0,
			today > SETTLED_DAYS ? today - SETTLED_DAYS : 0, t->now, why);
	if (status == 0)
		status = t->partner->url ? sightings_send(t->config, t->partner, t->store, outcome, why)
					 : sightings_write(t->config, t->partner, t->store, outcome, why);
	if (outcome->sent > 0)
		t->record.sent_at = t->now;
	struct why unlogged;
	if (outcome->sent + outcome->refused > 0 &&
		sighting_log_sent(t->config, t->partner, t->now, outcome, &unlogged) != 0)
		log_warning("sightings %s: what was sent is not in the log: %s", t->partner->name, unlogged.text);
	return status;
}

static void note_partner_error(struct telling *t, enum error_class class, const char *error)
{
	t->record.error_class = class;
	snprintf(t->record.error, sizeof t->record.error, "%s", error);
}

/* Closes and sends. Both are tried: what is pending need not wait for a feed that cannot be read. Returns whether all is well. */
static bool tell_partner(struct telling *t, uint64_t *retry_after_s)
{
	struct sighting_outcome outcome = {0};
	struct why why;
	int status = sighting_store_open(&t->store, t->config->state, true, &why);
	if (status != 0) {
		note_partner_error(t, error_class_from_code(status), why.text);
		return false;
	}
	int closed = close_days(t, &why);
	if (closed != 0)
		note_partner_error(t, error_class_from_code(closed), why.text);
	status = send_pending(t, &outcome, &why);
	if (status != 0)
		note_partner_error(t, error_class_from_code(status), why.text);
	else if (outcome.error_class != ERROR_NONE)
		note_partner_error(t, outcome.error_class, outcome.error);
	if (sighting_store_counts(t->store, t->partner->name, &t->record.counts, &why) != 0 && status == 0) {
		status = -EIO;
		note_partner_error(t, ERROR_DISK, why.text);
	}
	if (outcome.sent + outcome.refused > 0)
		log_info(
			"sightings %s: %llu sent, of which %llu were known already or are unknown there; %llu refused; "
			"%llu pending",
			t->partner->name, (unsigned long long)outcome.sent, (unsigned long long)outcome.known,
			(unsigned long long)outcome.refused, (unsigned long long)t->record.counts.pending);
	*retry_after_s = outcome.retry_after_s;
	return closed == 0 && status == 0 && outcome.error_class == ERROR_NONE;
}

/* Returns whether all is well with the partner. */
static bool tell_due(struct telling *t)
{
	uint64_t retry_after_s = 0;
	t->now = wall_now(); /* telling those before may have taken hours */
	sighting_record_read(&t->record, t->config->state, t->partner);
	if (!t->request->at_once && !sighting_is_due(&t->record, t->partner, t->now))
		return t->record.failed_at == 0;
	t->record.tried_at = t->now;
	bool well = tell_partner(t, &retry_after_s);
	sighting_store_close(&t->store);
	if (well) {
		sighting_record_well(&t->record);
	} else {
		sighting_record_failed(&t->record, retry_after_s);
		log_error("sightings %s: %s; what is pending stays, and is tried again", t->partner->name,
			t->record.error);
	}
	sighting_record_write(&t->record, t->config->state, t->partner);
	return well;
}

/* Takes false positives out that were told already: they are told once, and stand before hits. What was told of a day that is closed
 * is shown again. */
static int drop_told_mistakes(struct telling *t, struct sighting_selection *selection, struct why *why)
{
	size_t mistakes = 0, left;
	while (mistakes < selection->count && selection->list[mistakes].type == SIGHTING_FALSE_POSITIVE)
		mistakes++;
	int status = sighting_store_open(&t->store, t->config->state, false, why);
	if (status != 0)
		return status == -ENOENT ? 0 : status;
	left = mistakes;
	status = sighting_store_drop_known(t->store, t->partner->name, selection->list, &left, why);
	sighting_store_close(&t->store);
	memmove(selection->list + left, selection->list + mistakes,
		(selection->count - mistakes) * sizeof *selection->list);
	selection->count -= mistakes - left;
	return status;
}

/* Shows what would be told of a day. */
static bool plan_partner(struct telling *t)
{
	struct sighting_selection selection = {0};
	struct why why;
	uint64_t day = t->request->day > 0 ? t->request->day : sighting_due_day(t->partner, t->now);
	int status = t->trends ? 0 : trends_open(&t->trends, t->config->state, false, &why);
	if (status == 0)
		status = begin_judging(t, &why);
	if (status == 0)
		status = sighting_selection_make(&selection, &t->judge, t->trends, t->partner, day, t->now, &why);
	if (status == 0 && selection.count > 0)
		status = drop_told_mistakes(t, &selection, &why);
	if (status == 0)
		t->request->plan(t->request->context, t->partner, day, &selection);
	else
		log_error("sightings %s: %s", t->partner->name, why.text);
	sighting_selection_free(&selection);
	return status == 0;
}

/* ---- all ---- */

static bool is_partner_requested(const struct sightings_request *request, const char *partner)
{
	for (size_t i = 0; i < request->partner_count; i++)
		if (strcmp(request->partners[i], partner) == 0)
			return true;
	return request->partner_count == 0;
}

int sightings_tell(const struct sightings_request *request, struct sightings_counts *counts, struct why *why)
{
	struct telling t = {.request = request, .config = request->config, .now = wall_now()};
	*counts = (struct sightings_counts){0};
	int lock = request->plan ? -1 : circle_lock(t.config->state, "sightings", "telling sightings", why);
	if (!request->plan && lock < 0)
		return lock;
	for (size_t i = 0; i < t.config->partner_count; i++) {
		t.partner = &t.config->partners[i];
		if (!is_partner_requested(request, t.partner->name))
			continue;
		bool well = request->plan ? plan_partner(&t) : tell_due(&t);
		counts->well += well;
		counts->failed += !well;
	}
	if (t.judged)
		judge_end(&t.judge);
	trends_close(&t.trends);
	if (lock >= 0)
		close(lock);
	return 0;
}
