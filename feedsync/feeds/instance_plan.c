/* SPDX-License-Identifier: BSD-3-Clause */
/* MISP unpublishes an event with each edit, until somebody publishes it again. Its names are malicious meanwhile, too. So
 * the version that was published last stays in use while the event is being edited, for a bounded time. An event that is
 * withdrawn is unpublished without an edit. MISP tells the two apart by the times of the last change and of the last
 * publication. */
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "feedsync/base/json.h"
#include "feedsync/base/log.h"
#include "feedsync/base/maxima.h"
#include "feedsync/base/units.h"
#include "feedsync/base/wall_clock.h"
#include "feedsync/base/xalloc.h"
#include "feedsync/feeds/instance_private.h"

/* An event of this second may change once more in the same second, and its time would not tell. */
enum { SETTLED_S = 2 };

static uint64_t server_now(const struct instance *instance)
{
	const int64_t now = (int64_t)wall_now() - (instance->setup->dated ? instance->setup->ahead : 0);
	return now > 0 ? (uint64_t)now : 0;
}

/* ---- events that are published ---- */

static void plan_published(struct instance *instance, struct instance_event *event, const struct listed_event *indexed)
{
	uint64_t now = server_now(instance);
	event->listed.id = indexed->id;
	event->timestamp = indexed->timestamp;
	event->urgent = !event->here || event->listed.timestamp != indexed->timestamp;
	if (event->urgent || wall_ago(event->listed.fetched_at) >= WHOLE_FETCH_S)
		event->kind = EVENT_DUE;
	event->unsettled = indexed->timestamp + SETTLED_S > now && indexed->timestamp <= now + SETTLED_S;
	instance->listing_changed |= event->listed.unpublished_at > 0;
	event->listed.unpublished_at = event->listed.edit = 0;
}

/* ---- events that are published no more ---- */

static void drop_event(const struct instance *instance, struct instance_event *event, const char *reason)
{
	event->kind = EVENT_GONE;
	log_info("feed %s: event %s %s; its names go", instance->feed->config->name, event->listed.uuid, reason);
}

/* The last published version of an event under edit stays, but not for ever. */
static void plan_edited(struct instance *instance, struct instance_event *event)
{
	char reason[128], time[UNITS_TEXT];
	uint64_t most = instance->feed->config->max_edit_s;
	event->kind = EVENT_STAYS;
	if (wall_ago(event->listed.unpublished_at) < most)
		return;
	snprintf(reason, sizeof reason, "has been edited for %s and is not published again (max-edit)",
		span_text(most, time));
	drop_event(instance, event, reason);
}

static void plan_unpublished(
	struct instance *instance, struct instance_event *event, const struct listed_event *indexed)
{
	event->timestamp = indexed ? indexed->timestamp : 0;
	event->kind = EVENT_UNKNOWN;
	if (indexed && event->listed.unpublished_at > 0 && event->listed.edit == indexed->timestamp)
		plan_edited(instance, event);
}

void plan_by_state(struct instance *instance, struct instance_event *event, const struct node *state)
{
	uint64_t changed = node_number_at(state, "timestamp"), published = node_number_at(state, "publish_timestamp");
	if (!state) {
		drop_event(instance, event, "is no longer on the instance, or no longer shown to the key");
	} else if (event->timestamp == 0 && node_number_at(state, "attribute_count") == 0) {
		drop_event(instance, event, "holds no attribute any more"); /* the index passes over such */
	} else if (node_truth(node_get(state, "published"))) {
		event->kind = EVENT_STAYS; /* again by now: the next index will say so */
	} else if (published == 0 || changed <= published) {
		drop_event(instance, event, "has been unpublished");
	} else {
		instance->listing_changed = true;
		if (event->listed.unpublished_at == 0)
			event->listed.unpublished_at = wall_now();
		event->listed.edit = changed;
		log_info("feed %s: event %s is being edited; its last published version stays in force",
			instance->feed->config->name, event->listed.uuid);
		plan_edited(instance, event);
	}
}

/* ---- all of them ---- */

static void add_instance_event(
	struct instance *instance, const struct listed_event *known, const struct listed_event *indexed)
{
	struct instance_event *event = &instance->events[instance->count++];
	*event = (struct instance_event){.listed = known ? *known : *indexed, .here = known != NULL};
	if (!known || instance->everything)
		event->listed.timestamp = 0; /* and so it stays until the event has come */
	if (indexed && indexed->unpublished_at == 0)
		plan_published(instance, event, indexed);
	else
		plan_unpublished(instance, event, indexed);
}

void plan_events_of_index(struct instance *instance, const struct misp_listing *known, const struct misp_listing *index)
{
	size_t k = 0, i = 0;
	instance->events = xcalloc(known->count + index->count, sizeof *instance->events);
	while (k < known->count || i < index->count) {
		const struct listed_event *here = k < known->count ? &known->events[k] : NULL;
		const struct listed_event *there = i < index->count ? &index->events[i] : NULL;
		int order = here && there ? strcmp(here->uuid, there->uuid) : 0;
		if (here && (!there || order <= 0))
			add_instance_event(instance, here, order == 0 ? there : NULL);
		else if (there && there->unpublished_at == 0) /* a draft is of no interest */
			add_instance_event(instance, NULL, there);
		k += here && order <= 0;
		i += there && order >= 0;
	}
}

static int compare_uuid(const void *uuid, const void *event)
{
	return strcasecmp(uuid, ((const struct instance_event *)event)->listed.uuid);
}

struct instance_event *find_instance_event(const struct instance *instance, const char *uuid)
{
	if (instance->count == 0)
		return NULL;
	return bsearch(uuid, instance->events, instance->count, sizeof *instance->events, compare_uuid);
}
