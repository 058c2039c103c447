/* SPDX-License-Identifier: BSD-3-Clause */
#include "feedsync/fleet/put_objects.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "feedsync/base/atomic_file.h"
#include "feedsync/base/json.h"
#include "feedsync/base/log.h"
#include "feedsync/base/maxima.h"
#include "feedsync/base/wall_clock.h"
#include "feedsync/base/xalloc.h"
#include "feedsync/fleet/bundle.h"
#include "feedsync/fleet/target.h"
#include "feedsync/publish/state_dir.h"
#include "libweir/errors.h"

/* ---- putting ---- */

static int put_object(
	struct target *target, const char *folder, const char *name, const char *sha256, uint64_t size, struct why *why)
{
	char path[PATH_MAX];
	const struct packed_object object = {bundle_path(folder, name, path), sha256, size};
	int there = target->row->has(target, name, &object, why);
	return there != 0 ? (there > 0 ? 0 : there) : target->row->put(target, name, &object, why);
}

int put_objects(struct target *target, const struct bundle *bundle, struct why *why)
{
	char name[MANIFEST_OBJECT_TEXT];
	const struct manifest_table *table = &bundle->table;
	manifest_table_object(table->sha256, name);
	int status = put_object(target, bundle->folder, name, table->zsha256, table->zsize, why);
	for (size_t i = 0; i < bundle->delta_count && status == 0; i++) {
		const struct manifest_delta *delta = &bundle->deltas[i];
		manifest_delta_object(delta->from, table->sha256, name);
		status = put_object(target, bundle->folder, name, delta->sha256, delta->size, why);
	}
	return status;
}

/* ---- removing ---- */

/* An object that we have put, and when it was named last. */
struct known_object {
	char name[MANIFEST_OBJECT_TEXT];
	uint64_t at; /* seconds since 1970 */
};

struct known_objects {
	struct known_object *list;
	size_t count, room;
};

static struct known_object *find_object(const struct known_objects *known, const char *name)
{
	for (size_t i = 0; i < known->count; i++)
		if (strcmp(known->list[i].name, name) == 0)
			return &known->list[i];
	return NULL;
}

static void note_object(struct known_objects *known, const char *name, uint64_t at)
{
	struct known_object *object = find_object(known, name);
	if (!object) {
		known->list = xgrow(known->list, known->count, &known->room, 64, sizeof *known->list);
		object = &known->list[known->count++];
		snprintf(object->name, sizeof object->name, "%s", name);
	}
	object->at = at;
}

static int read_known_object(void *context, const char *key, const struct node *value)
{
	struct known_objects *known = context;
	uint64_t at;
	if (known->count < 2 * MAX_CHANNEL_OBJECTS && strlen(key) < MANIFEST_OBJECT_TEXT && node_number(value, &at))
		note_object(known, key, at);
	return 0;
}

static void known_objects_name(const struct target *target, char name[PATH_MAX])
{
	snprintf(name, PATH_MAX, "fleet/channels/%s/objects.json", target->channel->name);
}

static void read_known_objects(struct known_objects *known, const struct target *target, const char *state)
{
	enum { OCTETS_OF_ONE = 160 };
	char name[PATH_MAX];
	struct node *root;
	struct why why;
	known_objects_name(target, name);
	if (state_dir_read_document(state, name, 2 * MAX_CHANNEL_OBJECTS * OCTETS_OF_ONE, &root, &why) == 0) {
		node_each(root, read_known_object, known);
		node_free(root);
	}
}

static void write_known_objects(const struct known_objects *known, const struct target *target, const char *state)
{
	char name[PATH_MAX], path[2 * PATH_MAX];
	struct node *root = node_object();
	struct why why;
	for (size_t i = 0; i < known->count; i++)
		node_put(root, known->list[i].name, node_from_number(known->list[i].at));
	known_objects_name(target, name);
	snprintf(path, sizeof path, "%s/%s", state, name);
	if (json_publish(root, path, MODE_PRIVATE, &why) < 0)
		log_warning("channel %s: %s", target->channel->name, why.text);
}

static void note_named(struct known_objects *known, const struct manifest *m, uint64_t now)
{
	char name[MANIFEST_OBJECT_TEXT];
	note_object(known, manifest_object(m->serial, name), now);
	note_object(known, manifest_table_object(m->table.sha256, name), now);
	for (size_t i = 0; i < m->delta_count; i++)
		note_object(known, manifest_delta_object(m->deltas[i].from, m->table.sha256, name), now);
}

static int by_age(const void *a, const void *b)
{
	const struct known_object *x = a, *y = b;
	return x->at != y->at ? (x->at < y->at ? 1 : -1) : strcmp(x->name, y->name);
}

/* Whether an object has to go. `index`: how many are younger. */
static bool is_object_old(const struct known_object *object, size_t index, uint64_t now, uint64_t keep_s)
{
	uint64_t age = now > object->at ? now - object->at : 0;
	return age > keep_s || (index >= MAX_CHANNEL_OBJECTS && age > MIN_CHANNEL_KEEP_S);
}

void remove_old_objects(
	struct target *target, const char *state, const struct manifest *before, const struct manifest *manifest)
{
	struct known_objects known = {0};
	struct why why;
	uint64_t now = wall_now();
	read_known_objects(&known, target, state);
	if (before->serial > 0)
		note_named(&known, before, now);
	note_named(&known, manifest, now + 1); /* the youngest, whatever their names are */
	qsort(known.list, known.count, sizeof *known.list, by_age);
	size_t left = 0;
	bool failed = false;
	for (size_t i = 0; i < known.count; i++) {
		bool old = !failed && is_object_old(&known.list[i], i, now, target->channel->keep_s);
		if (old && target->row->remove(target, known.list[i].name, &why) != 0) {
			log_warning("channel %s: %s; it is tried again", target->channel->name, why.text);
			failed = true; /* the others would fail as well, and each may take its time */
			old = false;
		}
		if (!old)
			known.list[left++] = known.list[i];
	}
	known.count = left;
	write_known_objects(&known, target, state);
	free(known.list);
}
