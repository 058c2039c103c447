/* SPDX-License-Identifier: BSD-3-Clause */
#include "feedsync/fleet/pull_record.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "feedsync/base/atomic_file.h"
#include "feedsync/base/json.h"
#include "feedsync/config/configuration.h"
#include "feedsync/publish/state_dir.h"
#include "libweir/table.h"

#define PULL_RECORD_FILE "pull.json"

enum { MAX_PULL_RECORD = 65536 };

/* The members that are plain numbers and texts, each once for reading and writing. */
#define PULL_NUMBERS(X)                                                                                                \
	X(tried_at)                                                                                                    \
	X(well_at)                                                                                                     \
	X(failed_at)                                                                                                   \
	X(failures)                                                                                                    \
	X(serial)                                                                                                      \
	X(created)                                                                                                     \
	X(expires)                                                                                                     \
	X(generation)                                                                                                  \
	X(taken_at)                                                                                                    \
	X(came_at)                                                                                                     \
	X(offered_serial)                                                                                              \
	X(offered_at)                                                                                                  \
	X(retry_at)                                                                                                    \
	X(octets)                                                                                                      \
	X(deltas)                                                                                                      \
	X(tables)                                                                                                      \
	X(refusals)                                                                                                    \
	X(wakes)
#define PULL_TEXTS(X)                                                                                                  \
	X(url)                                                                                                         \
	X(channel)                                                                                                     \
	X(key)                                                                                                         \
	X(manifest)                                                                                                    \
	X(table)                                                                                                       \
	X(table_file)                                                                                                  \
	X(etag)                                                                                                        \
	X(last_modified)

static void read_floors(struct pull_record *record, const struct node *list)
{
	size_t count = node_count(list);
	for (size_t i = 0; i < count && record->floor_count < PULL_FLOORS; i++) {
		struct pull_floor *floor = &record->floors[record->floor_count++];
		const struct node *node = node_at(list, i);
		node_text_at(node, "key", floor->key, sizeof floor->key);
		node_text_at(node, "channel", floor->channel, sizeof floor->channel);
		floor->serial = node_number_at(node, "serial");
		floor->created = node_number_at(node, "created");
	}
}

int pull_record_read(struct pull_record *record, const char *state)
{
	struct node *node;
	struct why why;
	*record = (struct pull_record){0};
	int status = state_dir_read_document(state, PULL_RECORD_FILE, MAX_PULL_RECORD, &node, &why);
	if (status != 0 && status != -ENOENT)
		record->unread = why;
#define GET_NUMBER(member) record->member = node_number_at(node, #member);
#define GET_TEXT(member) node_text_at(node, #member, record->member, sizeof record->member);
	PULL_NUMBERS(GET_NUMBER)
	PULL_TEXTS(GET_TEXT)
#undef GET_NUMBER
#undef GET_TEXT
	record->resident = node_truth(node_get(node, "resident"));
	record->tries = (unsigned)node_number_at(node, "tries");
	record->error_class = error_class_from_word(node_text(node_get(node, "error_class"), NULL));
	node_words_at(node, "error", record->error, sizeof record->error);
	record->offered_class = error_class_from_word(node_text(node_get(node, "offered_class"), NULL));
	node_words_at(node, "offered_error", record->offered_error, sizeof record->offered_error);
	read_floors(record, node_get(node, "floors"));
	wall_get(node_get(node, "clock"), &record->wall);
	node_free(node);
	return status == -ENOENT ? 0 : status;
}

int pull_record_write(const struct pull_record *record, const char *state, struct why *why)
{
	char path[4096];
	struct node *node = node_object(), *floors = node_array(), *clock = node_object();
	struct wall_record wall;
#define PUT_NUMBER(member) node_put(node, #member, node_from_number(record->member));
#define PUT_TEXT(member) node_put(node, #member, node_from_text(record->member));
	PULL_NUMBERS(PUT_NUMBER)
	PULL_TEXTS(PUT_TEXT)
#undef PUT_NUMBER
#undef PUT_TEXT
	node_put(node, "resident", node_from_bool(record->resident));
	node_put(node, "tries", node_from_number(record->tries));
	node_put(node, "error_class", node_from_text(error_class_word(record->error_class)));
	node_put(node, "error", node_from_text(record->error));
	node_put(node, "offered_class", node_from_text(error_class_word(record->offered_class)));
	node_put(node, "offered_error", node_from_text(record->offered_error));
	for (size_t i = 0; i < record->floor_count; i++) {
		const struct pull_floor *floor = &record->floors[i];
		struct node *item = node_object();
		node_put(item, "key", node_from_text(floor->key));
		node_put(item, "channel", node_from_text(floor->channel));
		node_put(item, "serial", node_from_number(floor->serial));
		node_put(item, "created", node_from_number(floor->created));
		node_append(floors, item);
	}
	node_put(node, "floors", floors);
	wall_record(&wall);
	wall_put(clock, &wall);
	node_put(node, "clock", clock);
	snprintf(path, sizeof path, "%s/" PULL_RECORD_FILE, state);
	return json_publish(node, path, MODE_PRIVATE, why);
}

const struct pull_floor *pull_record_floor(const struct pull_record *record, const char *key, const char *channel)
{
	for (size_t i = 0; i < record->floor_count; i++)
		if (strcmp(record->floors[i].key, key) == 0 && strcmp(record->floors[i].channel, channel) == 0)
			return &record->floors[i];
	return NULL;
}

/* The newest floor is the last one. */
void pull_record_raise(struct pull_record *record, const char *key, const struct manifest *manifest)
{
	const struct pull_floor *old = pull_record_floor(record, key, manifest->channel);
	size_t gone = old ? (size_t)(old - record->floors) : 0;
	if (old || record->floor_count == PULL_FLOORS) {
		record->floor_count--;
		memmove(record->floors + gone, record->floors + gone + 1,
			(record->floor_count - gone) * sizeof *record->floors);
	}
	struct pull_floor *floor = &record->floors[record->floor_count++];
	*floor = (struct pull_floor){.serial = manifest->serial, .created = manifest->created};
	snprintf(floor->key, sizeof floor->key, "%s", key);
	snprintf(floor->channel, sizeof floor->channel, "%s", manifest->channel);
}

void pull_record_begin_clock(const struct pull_record *record, const struct config *config)
{
	struct table *table = NULL;
	struct why why;
	uint64_t made = 0;
	if (record->wall.clock == 0 && table_open(&table, config->table, &why) == 0)
		made = table_header(table)->created;
	table_close(&table);
	wall_begin(&record->wall, made);
}
