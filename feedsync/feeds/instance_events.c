/* SPDX-License-Identifier: BSD-3-Clause */
/* Asks for the attributes of events, and puts the events into the next version. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "feedsync/base/disk_budget.h"
#include "feedsync/base/json.h"
#include "feedsync/base/maxima.h"
#include "feedsync/base/regular_file.h"
#include "feedsync/base/xalloc.h"
#include "feedsync/feeds/instance_event_file.h"
#include "feedsync/feeds/instance_private.h"
#include "feedsync/formats/misp/misp_events.h"
#include "libweir/errors.h"

/* An object that makes an innocent's of what stands in it. */
struct innocent_object {
	uint64_t id;
	const char *name; /* of misp_innocent_object */
};

/* The events of one question. */
struct events_reading {
	struct instance *instance;
	struct event_reading *events; /* sorted by UUID */
	size_t count;
	uint64_t limit;                    /* of the question */
	uint64_t attributes, objects;      /* that came */
	uint64_t octets;                   /* that these attributes take */
	bool in_objects;                   /* some of these attributes are */
	struct innocent_object *innocents; /* sorted by id */
	size_t innocent_count, innocent_room;
	struct why *why;
};

/* ---- attributes ---- */

static int by_event_uuid(const void *a, const void *b)
{
	const struct event_reading *x = a, *y = b;
	return strcmp(x->event->listed.uuid, y->event->listed.uuid);
}

static int compare_reading(const void *uuid, const void *reading)
{
	return strcasecmp(uuid, ((const struct event_reading *)reading)->event->listed.uuid);
}

static int visit_attribute(void *context, const struct node *attribute)
{
	struct events_reading *r = context;
	const char *uuid = node_text(node_get(node_get(attribute, "Event"), "uuid"), NULL);
	struct event_reading *reading =
		uuid ? bsearch(uuid, r->events, r->count, sizeof *r->events, compare_reading) : NULL;
	if (!reading)
		return why_set(r->why, -EBADMSG, "an attribute of an event that was not asked for");
	if (++r->attributes > r->limit)
		return 0; /* it is not all anyway */
	r->in_objects |= node_number_at(attribute, "object_id") > 0;
	if (add_attribute(reading, attribute, &r->octets) != 0)
		return why_set(r->why, -ENOMEM, "out of memory");
	return r->octets <= MAX_BODY ? 0
				     : why_set(r->why, -EBADMSG, "attributes of more than %llu MB",
					       (unsigned long long)(MAX_BODY >> 20));
}

/* ---- objects ---- */

static int visit_object(void *context, const struct node *element)
{
	struct events_reading *r = context;
	const struct node *object = node_get(element, "Object");
	struct innocent_object innocent = {.id = node_number_at(object, "id")};
	if (++r->objects > r->limit)
		return 0;
	for (unsigned i = 0; !innocent.name && misp_innocent_object(i); i++)
		if (node_is(node_get(object, "name"), misp_innocent_object(i)))
			innocent.name = misp_innocent_object(i);
	if (!innocent.name)
		return 0;
	r->innocents = xgrow(r->innocents, r->innocent_count, &r->innocent_room, 16, sizeof *r->innocents);
	r->innocents[r->innocent_count++] = innocent;
	return 0;
}

static int by_object_id(const void *a, const void *b)
{
	const struct innocent_object *x = a, *y = b;
	return x->id < y->id ? -1 : x->id > y->id;
}

static const char *innocent_name(const void *context, uint64_t object)
{
	const struct events_reading *r = context;
	const struct innocent_object wanted = {.id = object};
	const struct innocent_object *found = r->innocent_count > 0 ? bsearch(&wanted, r->innocents, r->innocent_count,
									      sizeof *r->innocents, by_object_id)
								    : NULL;
	return found ? found->name : NULL;
}

/* ---- the file ---- */

/* Whether a file holds just this text. */
static bool file_holds(const char *path, const char *text, size_t length)
{
	FILE *in;
	struct why why;
	char buffer[65536];
	size_t n = 1, at = 0;
	if (regular_file_open(&in, path, &why) != 0)
		return false;
	while (n > 0 && (n = fread(buffer, 1, sizeof buffer, in)) <= length - at && memcmp(buffer, text + at, n) == 0)
		at += n;
	fclose(in);
	return n == 0 && at == length;
}

/* Writes a new file of a directory that is in use by nobody yet, and makes it durable. */
static int write_new_file(const char *path, const char *text, size_t length, struct why *why)
{
	FILE *out = regular_file_create(path);
	bool written = out && fwrite(text, 1, length, out) == length && fflush(out) == 0 && fsync(fileno(out)) == 0;
	int status = written ? 0 : errno ? -errno : -EIO;
	if (out)
		fclose(out);
	return status == 0 ? 0 : why_set(why, status, "cannot write %.180s: %s", path, error_text(status));
}

/* Puts an event's file into `next`, unless it is the one that is here. */
static int put_event_text(const struct events_reading *r, struct instance_event *event, const char *text, size_t length)
{
	char path[4096];
	const struct feed *feed = r->instance->feed;
	misp_listed_event_path(feed->good, event->listed.uuid, path);
	event->renewed = event->listed.attributes == 0 || !file_holds(path, text, length);
	if (!event->renewed)
		return 0;
	misp_listed_event_path(feed->next, event->listed.uuid, path);
	int status = instance_begin_version(r->instance, r->why);
	if (status == 0)
		status = disk_budget_take(r->instance->setup->room, length, r->why);
	return status == 0 ? write_new_file(path, text, length, r->why) : status;
}

static int put_event_file(const struct events_reading *r, const struct event_reading *reading)
{
	char *text;
	size_t length;
	int status = print_event_file(reading, innocent_name, r, &text, &length);
	status = status == 0 ? put_event_text(r, reading->event, text, length)
			     : why_set(r->why, status, "out of memory");
	free(text);
	return status;
}

static int put_event(const struct events_reading *r, const struct event_reading *reading)
{
	struct instance_event *event = reading->event;
	if (reading->other)
		return 0; /* it has changed meanwhile: the next index will say so */
	int status = reading->attributes > 0 ? put_event_file(r, reading) : 0;
	event->fetched = status == 0;
	event->attributes = reading->attributes;
	event->unproven = !reading->node || reading->undated;
	return status;
}

void forget_fetched(const struct instance *instance, struct instance_event *event)
{
	char path[4096];
	misp_listed_event_path(instance->feed->next, event->listed.uuid, path);
	if (event->renewed)
		unlink(path);
	event->fetched = event->renewed = event->unproven = false;
}

/* ---- a question ---- */

static void begin_events_reading(struct events_reading *r, struct instance *instance,
	struct instance_event *const *events, size_t count, struct why *why)
{
	*r = (struct events_reading){
		.instance = instance, .events = xcalloc(count, sizeof *r->events), .count = count, .why = why};
	for (size_t i = 0; i < count; i++)
		r->events[i].event = events[i];
	qsort(r->events, count, sizeof *r->events, by_event_uuid);
}

static void end_events_reading(struct events_reading *r)
{
	for (size_t i = 0; i < r->count; i++)
		end_event_reading(&r->events[i]);
	free(r->events);
	free(r->innocents);
}

/* A question whose answer is an array. */
struct array_question {
	const char *action;
	const char *const *path; /* of the array */
	int (*visit)(void *context, const struct node *element);
	const uint64_t *elements; /* counted by `visit` */
	bool cut;                 /* the answer may not be all */
};

static enum answered ask_for_array(struct events_reading *r, struct array_question *question, char *body)
{
	struct fetch fetch;
	prepare_question(r->instance, &fetch);
	enum answered answered = ask_instance(r->instance, question->action, body, &fetch, r->why);
	if (answered != ANSWERED) {
		r->instance->without_objects |= fetch.status == FETCH_MISSING && question->visit == visit_object;
		return answered;
	}
	int status = each_answered(&fetch, question->action, question->path, question->visit, r, r->why);
	question->cut = status == 0 && answer_may_be_cut(&fetch, r->limit, *question->elements);
	return status == 0 ? ANSWERED : judge_bad_answer(r->instance, question->action, status, r->why);
}

static enum answered ask_for_attributes(struct events_reading *r, struct instance_event *const *events, bool *cut)
{
	static const char *const path[] = {"response", "Attribute", NULL};
	struct array_question question = {"attributes/restSearch", path, visit_attribute, &r->attributes, false};
	enum answered answered = ask_for_array(r, &question, question_for_attributes(events, r->count, r->limit));
	*cut = question.cut;
	return answered;
}

/* Which of the attributes' objects make innocents of them. An instance that cannot tell has no such objects. */
static enum answered ask_for_objects(struct events_reading *r, struct instance_event *const *events, bool *cut)
{
	static const char *const path[] = {"response", NULL};
	struct array_question question = {"objects/restSearch", path, visit_object, &r->objects, false};
	if (!r->in_objects || r->instance->without_objects)
		return ANSWERED;
	enum answered answered = ask_for_array(r, &question, question_for_objects(events, r->count, r->limit));
	if (r->innocent_count > 1)
		qsort(r->innocents, r->innocent_count, sizeof *r->innocents, by_object_id);
	*cut = question.cut;
	return r->instance->without_objects ? ANSWERED : answered;
}

static enum answered put_events(struct events_reading *r)
{
	int status = 0;
	for (size_t i = 0; status == 0 && i < r->count; i++)
		status = put_event(r, &r->events[i]);
	if (status != 0) {
		note_instance_error(r->instance, error_class_from_code(status), "an event", r->why->text);
		return NO_ANSWERS;
	}
	r->instance->asked += r->count;
	r->instance->came += r->attributes;
	return ANSWERED;
}

enum answered fetch_events_at_once(
	struct instance *instance, struct instance_event *const *events, size_t count, struct why *why)
{
	uint64_t limit = INSTANCE_ATTRIBUTES;
	enum answered answered;
	bool cut;
	do {
		struct events_reading r;
		begin_events_reading(&r, instance, events, count, why);
		r.limit = limit;
		cut = false;
		answered = ask_for_attributes(&r, events, &cut);
		if (answered == ANSWERED && !cut)
			answered = ask_for_objects(&r, events, &cut);
		if (answered == ANSWERED && !cut)
			answered = put_events(&r);
		end_events_reading(&r);
		limit *= 4;
	} while (answered == ANSWERED && cut && count == 1 && limit <= MAX_INSTANCE_ATTRIBUTES);
	if (answered != ANSWERED || !cut)
		return answered;
	why_set(why, 0, "it has more than %d attributes", MAX_INSTANCE_ATTRIBUTES);
	return NOT_ANSWERED;
}
