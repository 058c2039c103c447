/* SPDX-License-Identifier: BSD-3-Clause */
#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#include "feedsync/base/disk_budget.h"
#include "feedsync/base/json.h"
#include "feedsync/base/maxima.h"
#include "feedsync/base/regular_file.h"
#include "feedsync/base/wall_clock.h"
#include "feedsync/feeds/instance_private.h"
#include "feedsync/formats/json_each.h"
#include "feedsync/base/uuid.h"
#include "feedsync/unpack/unpack.h"
#include "libweir/errors.h"

/* Calls `read` with the answer's stream, unpacked. */
static int read_unpacked(const char *path, int (*read)(FILE *in, void *context), void *context, struct why *why)
{
	FILE *in;
	struct why damage;
	int status = regular_file_open(&in, path, why);
	if (status != 0)
		return status;
	FILE *plain = unpack_open(in, &damage);
	status = plain ? read(plain, context) : why_set(why, -ENOMEM, "out of memory");
	if (plain)
		fclose(plain);
	fclose(in);
	return plain && damage.text[0] ? why_set(why, -EBADMSG, "%s", damage.text) : status;
}

static void remove_answer(const struct fetch *fetch)
{
	if (unlink(fetch->path) == 0)
		disk_budget_give(fetch->room, fetch->octets);
}

/* ---- documents ---- */

enum { MAX_SMALL_ANSWER = 1 << 20 };

struct loading {
	struct node **document;
	struct why *why;
};

static int read_small(FILE *in, void *context)
{
	const struct loading *loading = context;
	return json_read(loading->document, in, MAX_SMALL_ANSWER, loading->why);
}

int load_answer(const struct fetch *fetch, struct node **document, struct why *why)
{
	struct loading loading = {document, why};
	*document = NULL;
	int status = read_unpacked(fetch->path, read_small, &loading, why);
	remove_answer(fetch);
	if (status != 0) {
		node_free(*document);
		*document = NULL;
	}
	return status;
}

/* ---- arrays ---- */

/* An answer that is to hold elements. */
struct each {
	const char *const *path;
	int (*visit)(void *context, const struct node *element);
	void *context;
	struct why *why;
};

static int read_each(FILE *in, void *context)
{
	const struct each *each = context;
	return json_each(in, each->path, each->visit, each->context, each->why);
}

/* What a server says instead of an answer. */
static int read_message(FILE *in, void *context)
{
	struct why *why = context, reason;
	struct node *document;
	if (json_read(&document, in, MAX_SMALL_ANSWER, &reason) != 0)
		return 0;
	const char *message = node_text(node_get(document, "message"), NULL);
	if (message)
		why_set(why, 0, ": %.150s", message);
	node_free(document);
	return 0;
}

static int refuse_answer(const struct fetch *fetch, const char *action, struct why *why)
{
	struct why message = {.text = ""}, reason;
	if (read_unpacked(fetch->path, read_message, &message, &reason) != 0)
		message.text[0] = '\0';
	return why_set(why, -EBADMSG, "not an answer of %s%s", action, message.text);
}

int each_answered(const struct fetch *fetch, const char *action, const char *const *path,
	int (*visit)(void *context, const struct node *element), void *context, struct why *why)
{
	struct each each = {path, visit, context, why};
	int status = read_unpacked(fetch->path, read_each, &each, why);
	if (status == -ENOENT)
		status = refuse_answer(fetch, action, why);
	remove_answer(fetch);
	return status;
}

bool answer_may_be_cut(const struct fetch *fetch, uint64_t limit, uint64_t elements)
{
	char *end;
	unsigned long long rows = strtoull(fetch->header_value, &end, 10);
	bool told = end != fetch->header_value && *end == '\0';
	return elements > limit || (told ? rows : elements) >= limit;
}

/* ---- the index ---- */

struct index_reading {
	struct misp_listing *index;
	size_t room;
	uint64_t now;
	struct why *why;
};

static int read_indexed_event(void *context, const struct node *element)
{
	struct index_reading *reading = context;
	const char *uuid = node_text(node_get(element, "uuid"), NULL);
	struct listed_event event = {
		.timestamp = node_number_at(element, "timestamp"), .id = node_number_at(element, "id")};
	if (!uuid || !uuid_is_valid(uuid) || event.id == 0 || event.timestamp == 0)
		return why_set(reading->why, -EBADMSG, "an event without id, UUID or timestamp in events/index");
	if (reading->index->count == MAX_INSTANCE_EVENTS)
		return why_set(reading->why, -EFBIG, "more than %d events in events/index", MAX_INSTANCE_EVENTS);
	snprintf(event.uuid, sizeof event.uuid, "%s", uuid);
	if (!node_truth(node_get(element, "published")))
		event.unpublished_at = reading->now;
	misp_listing_add(reading->index, &reading->room, &event);
	return 0;
}

int read_index(const struct fetch *fetch, struct misp_listing *index, struct why *why)
{
	static const char *const path[] = {NULL};
	struct index_reading reading = {.index = index, .now = wall_now(), .why = why};
	*index = (struct misp_listing){0};
	int status = each_answered(fetch, "events/index", path, read_indexed_event, &reading, why);
	if (status != 0)
		misp_listing_free(index);
	misp_listing_sort(index);
	return status;
}

/* ---- what has become of events ---- */

static int read_event_state(void *context, const struct node *element)
{
	struct instance *instance = context;
	const struct node *state = node_get(element, "Event");
	const char *uuid = node_text(node_get(state, "uuid"), NULL);
	struct instance_event *event = uuid ? find_instance_event(instance, uuid) : NULL;
	if (event && event->kind == EVENT_UNKNOWN)
		plan_by_state(instance, event, state);
	return 0;
}

int read_states(struct instance *instance, const struct fetch *fetch, struct why *why)
{
	static const char *const path[] = {"response", NULL};
	return each_answered(fetch, "events/restSearch", path, read_event_state, instance, why);
}
