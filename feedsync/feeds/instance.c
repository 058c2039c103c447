/* SPDX-License-Identifier: BSD-3-Clause */
#include "feedsync/feeds/instance.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "feedsync/base/atomic_dir.h"
#include "feedsync/base/log.h"
#include "feedsync/base/maxima.h"
#include "feedsync/base/xalloc.h"
#include "feedsync/feeds/instance_private.h"
#include "libweir/errors.h"

int instance_begin(const struct feed *feed, struct fetch *fetch, struct why *why)
{
	fetch->accept = "application/json";
	fetch->login = INSTANCE_LOGIN;
	fetch->body = INDEX_QUESTION;
	fetch->compressed = true;
	fetch->most = MAX_BODY;
	int status = instance_url(feed, "events/index", fetch->url);
	return status == 0 ? 0 : why_set(why, -EPROTO, "the URL is too long");
}

/* ---- what has become of events ---- */

/* The events of a kind, to be freed. */
static struct instance_event **list_events(const struct instance *instance, enum event_plan_kind kind, size_t *count)
{
	struct instance_event **list = xcalloc(instance->count, sizeof(struct instance_event *));
	*count = 0;
	for (size_t i = 0; i < instance->count; i++)
		if (instance->events[i].kind == kind)
			list[(*count)++] = &instance->events[i];
	return list;
}

/* Asks for the states of some events. Returns whether it is known of each what has become of it. */
static bool ask_states(struct instance *instance, struct instance_event *const *events, size_t count)
{
	struct fetch fetch;
	struct why why;
	prepare_question(instance, &fetch);
	enum answered answered =
		ask_instance(instance, "events/restSearch", question_for_states(events, count), &fetch, &why);
	int status = answered == ANSWERED ? read_states(instance, &fetch, &why) : -EPROTO;
	if (status != 0) {
		note_instance_error(instance, feed_error_class(instance->feed, status), "events/restSearch", why.text);
		return false;
	}
	for (size_t i = 0; i < count; i++)
		if (events[i]->kind == EVENT_UNKNOWN)
			plan_by_state(instance, events[i], NULL);
	return true;
}

/* Where the instance does not answer, the last good versions stay. */
static void settle_unknown(struct instance *instance)
{
	size_t count, at = 0;
	struct instance_event **unknown = list_events(instance, EVENT_UNKNOWN, &count);
	while (at < count) {
		size_t some = count - at < INSTANCE_AT_ONCE ? count - at : INSTANCE_AT_ONCE;
		if (!ask_states(instance, unknown + at, some))
			break;
		at += some;
	}
	for (; at < count; at++)
		unknown[at]->kind = EVENT_STAYS;
	free(unknown);
}

/* ---- events that are due ---- */

static int by_urgency(const void *a, const void *b)
{
	const struct instance_event *const *x = a, *const *y = b;
	if ((*x)->urgent != (*y)->urgent)
		return (*x)->urgent ? -1 : 1;
	return (*x)->listed.fetched_at < (*y)->listed.fetched_at ? -1
								 : (*x)->listed.fetched_at > (*y)->listed.fetched_at;
}

/* How many attributes an event will have: as many as before; of a new one as many as those have that have come. */
static uint64_t expected_attributes(const struct instance *instance, const struct instance_event *event)
{
	enum { AT_FIRST = 100 };
	if (event->here)
		return event->listed.attributes;
	return instance->asked == 0 ? AT_FIRST : instance->came / instance->asked + 1;
}

/* How many of the next events to ask for at once. */
static size_t count_at_once(
	const struct instance *instance, struct instance_event *const *events, size_t count, size_t most)
{
	uint64_t attributes = 0, room = INSTANCE_ATTRIBUTES - INSTANCE_ATTRIBUTES / 4;
	size_t at = 0;
	while (at < count && at < most && (at == 0 || attributes < room))
		attributes += expected_attributes(instance, events[at++]);
	return at > 1 && attributes > room ? at - 1 : at;
}

static void note_missed(struct instance *instance, const struct instance_event *event, const struct why *why)
{
	char what[64];
	snprintf(what, sizeof what, "event %s", event->listed.uuid);
	log_warning("feed %s: %s: %s%s", instance->feed->config->name, what, why->text,
		event->here ? "; its last good version stays in use" : "");
	note_instance_error(instance, ERROR_HTTP, what, why->text);
}

static void fetch_due_events(struct instance *instance)
{
	size_t count, at = 0, most = INSTANCE_AT_ONCE;
	struct instance_event **due = list_events(instance, EVENT_DUE, &count);
	enum answered answered = ANSWERED;
	if (count > 1)
		qsort(due, count, sizeof(struct instance_event *), by_urgency);
	while (at < count && answered != NO_ANSWERS) {
		struct why why;
		size_t some = count_at_once(instance, due + at, count - at, most);
		answered = fetch_events_at_once(instance, due + at, some, &why);
		if (answered == NOT_ANSWERED && some > 1) {
			most = some / 2;
			continue;
		}
		if (answered == NOT_ANSWERED)
			note_missed(instance, due[at], &why);
		at += some;
		most = most < INSTANCE_AT_ONCE / 2 ? most * 2 : INSTANCE_AT_ONCE;
	}
	free(due);
}

/* ---- what needs a proof ---- */

/* What came without an attribute, or without its version, may be what the event is while it is being edited. */
static void prove_events(struct instance *instance)
{
	struct fetch fetch;
	struct misp_listing index = {0};
	struct why why;
	size_t unproven = 0;
	for (size_t i = 0; i < instance->count; i++)
		unproven += instance->events[i].unproven;
	if (unproven == 0)
		return;
	prepare_question(instance, &fetch);
	if (ask_instance(instance, "events/index", question_for_index(), &fetch, &why) == ANSWERED &&
		read_index(&fetch, &index, &why) != 0)
		note_instance_error(instance, ERROR_FORMAT, "events/index", why.text);
	for (size_t i = 0; i < instance->count; i++) {
		struct instance_event *event = &instance->events[i];
		const struct listed_event *now = event->unproven ? misp_listing_find(&index, event->listed.uuid) : NULL;
		bool proven = now && now->timestamp == event->timestamp && now->unpublished_at == 0;
		if (event->unproven && !proven)
			forget_fetched(instance, event);
	}
	misp_listing_free(&index);
}

/* ---- a run ---- */

static void run_instance(struct instance *instance, const struct guard *guard)
{
	struct feed *feed = instance->feed;
	struct misp_listing known, index;
	struct why why;
	int status = read_index(instance->setup, &index, &why);
	if (status != 0) {
		feed_fail(feed, feed_error_class(feed, status), why.text);
		return;
	}
	status = misp_listing_read(&known, feed->good, &why);
	if (status != 0 && status != -ENOENT && status != -EBADMSG && status != -ENOTDIR) {
		feed_fail(feed, feed_error_class(feed, status), why.text);
		misp_listing_free(&index);
		return;
	}
	/* What is remembered of the feed says whether the listing is of this URL, and whether its files are whole. */
	instance->everything = feed->record.etag[0] == '\0';
	plan_events_of_index(instance, &known, &index);
	misp_listing_free(&known);
	misp_listing_free(&index);
	settle_unknown(instance);
	fetch_due_events(instance);
	prove_events(instance);
	instance_end_version(instance, guard);
	if (!instance->error[0])
		note_key(instance);
	atomic_dir_remove(feed->next);
	free(instance->events);
}

void instance_update(struct feed *feed, const struct fetch *fetch, const struct guard *guard, time_t deadline)
{
	struct instance instance = {.feed = feed, .setup = fetch, .deadline = deadline};
	if (fetch->status == FETCH_OK)
		run_instance(&instance, guard);
	else
		feed_fail(feed, fetch->error_class, fetch->error);
}
