/* SPDX-License-Identifier: BSD-3-Clause */
/* One run of a misp-rest feed. Private to instance.c, which leads through it, instance_plan.c (what the index means),
 * instance_question.c (what is asked), instance_answer.c and instance_events.c (what is answered), instance_key.c, and
 * instance_version.c (what becomes of it). */
#pragma once

#include <stdio.h>
#include <time.h>

#include "feedsync/feeds/feed.h"
#include "feedsync/formats/misp/misp_listing.h"

struct node;
struct why;

#define INDEX_QUESTION "{\"minimal\":1}"
#define INSTANCE_LOGIN "/users/login" /* where MISP sends everybody while it is in maintenance */

/* What the index means for an event. */
enum event_plan_kind {
	EVENT_STAYS,   /* what is here is what the instance has */
	EVENT_DUE,     /* it is published, and to be asked for */
	EVENT_UNKNOWN, /* it was here, and is published no more: the instance is to be asked what has become of it */
	EVENT_GONE,    /* it was here, and is no more */
};

/* An event that is published, or that the last good version has. */
struct instance_event {
	struct listed_event listed; /* as the last good version lists it, where it is `here` */
	bool here;
	uint64_t timestamp; /* that the index gives; 0 = the index does not have the event */
	enum event_plan_kind kind;
	bool urgent;    /* due since it changed, not since a day has passed */
	bool unsettled; /* it changed so lately that its time would not tell of another change: it is fetched once more */
	bool fetched;   /* it came in this run, */
	uint64_t attributes; /* with so many, */
	bool renewed;        /* in another file than the one that is here */
	bool unproven;       /* that counts only if the index says the same of the event afterwards */
};

struct instance {
	struct feed *feed;
	const struct fetch *setup; /* whose trust, secret and disk budget all questions share */
	time_t deadline;
	bool everything;               /* what is here may be of another instance, or damaged: all is due */
	struct instance_event *events; /* sorted by UUID */
	size_t count;
	bool listing_changed; /* the listing tells another state of an event than before */
	bool begun;           /* there is a `next` */
	bool without_objects; /* the instance cannot be asked for objects */
	unsigned questions, failures;
	uint64_t asked, came;         /* events that were fetched, and their attributes: what others may have */
	char error[512];              /* of the first question that was not answered, or "" */
	enum error_class error_class; /* of `error` */
};

/* ---- instance_plan.c ---- */

/* Makes the list of events from the index and the last good version. `index` is a listing of all events of the instance:
 * unpublished_at tells of each whether it is published. */
void plan_events_of_index(
	struct instance *instance, const struct misp_listing *known, const struct misp_listing *index);

/* What the instance says of an event that is EVENT_UNKNOWN: NULL where it does not know it. */
void plan_by_state(struct instance *instance, struct instance_event *event, const struct node *state);

/* The event with this UUID, or NULL. */
struct instance_event *find_instance_event(const struct instance *instance, const char *uuid);

/* ---- instance_question.c ---- */

enum answered {
	ANSWERED,     /* the answer is in fetch->path, to be removed; or what was asked for has been done */
	NOT_ANSWERED, /* not this question, but perhaps a smaller one; the reason is told */
	NO_ANSWERS,   /* nor any other in this run; the error is noted */
};

/* Writes the URL of one of the instance's actions. Returns 0, or -ENAMETOOLONG. */
must_check int instance_url(const struct feed *feed, const char *action, char url[URL_MAX + 1]);

/* Prepares a fetch by which the instance can be asked. */
void prepare_question(const struct instance *instance, struct fetch *fetch);

/* Asks. `body` is freed. */
must_check enum answered ask_instance(
	struct instance *instance, const char *action, char *body, struct fetch *fetch, struct why *why);

/* What an answer that is no good, for a reason of this code, means for other questions. */
must_check enum answered judge_bad_answer(
	struct instance *instance, const char *action, int code, const struct why *why);

/* Questions, to be freed: for the index; for the state of events; for the attributes of events, and those of their objects
 * that name innocents. At most `limit` are answered. NULL when out of memory. */
must_check char *question_for_index(void);
must_check char *question_for_states(struct instance_event *const *events, size_t count);
must_check char *question_for_attributes(struct instance_event *const *events, size_t count, uint64_t limit);
must_check char *question_for_objects(struct instance_event *const *events, size_t count, uint64_t limit);

/* Notes what went wrong, if it is the first error of this run. */
void note_instance_error(struct instance *instance, enum error_class class, const char *what, const char *error);

/* ---- instance_answer.c ---- */

/* Reads an answer. The file is removed. Return 0; -EBADMSG with the reason, for what is no such answer; or another error. */
must_check int read_index(const struct fetch *fetch, struct misp_listing *index, struct why *why);
must_check int read_states(struct instance *instance, const struct fetch *fetch, struct why *why);

/* Loads an answer that is a small document. The file is removed. Returns 0 and a document to be freed, or an error. */
must_check int load_answer(const struct fetch *fetch, struct node **document, struct why *why);

/* Opens the answer, unpacked, and calls `visit` for each element of the array at `path` (json_each.h). Removes the file,
 * and gives back the room that it took. Returns as json_each, with -EBADMSG in place of -ENOENT. */
must_check int each_answered(const struct fetch *fetch, const char *action, const char *const *path,
	int (*visit)(void *context, const struct node *element), void *context, struct why *why);

/* Whether MISP may have more than it answered with. It tells how many rows it has read, plus one where the page was full
 * before something was taken out of it: a number below the limit is the end, and nothing else is. */
bool answer_may_be_cut(const struct fetch *fetch, uint64_t limit, uint64_t elements);

/* ---- instance_events.c ---- */

/* Asks for the attributes of some events, which are due, and puts the events into `next`. Returns NOT_ANSWERED, with the
 * reason, where fewer events are to be asked for at once. */
must_check enum answered fetch_events_at_once(
	struct instance *instance, struct instance_event *const *events, size_t count, struct why *why);

/* Gives up what came of an event: its last good version stays. */
void forget_fetched(const struct instance *instance, struct instance_event *event);

/* ---- instance_key.c ---- */

/* Asks once a day what the feed's key is, and notes in the feed's record what there is to be told of it: MISP itself says
 * nothing, whatever a key hides or shows. An instance that does not answer lets nothing be told. */
void note_key(struct instance *instance);

/* ---- instance_version.c ---- */

/* Makes `next` ready for files, once. Returns 0 or an error with the reason. */
must_check int instance_begin_version(struct instance *instance, struct why *why);

/* Makes `next` the last good version, if it is another one and good. Sets the feed's result. */
void instance_end_version(struct instance *instance, const struct guard *guard);
