/* SPDX-License-Identifier: BSD-3-Clause */
#include "feedsync/fleet/channel_record.h"

#include <limits.h>
#include <stdio.h>

#include "feedsync/base/atomic_file.h"
#include "feedsync/base/json.h"
#include "feedsync/base/log.h"
#include "feedsync/config/channel_config.h"
#include "feedsync/publish/state_dir.h"
#include "libweir/errors.h"

enum { RECORD_FILE_ROOM = 128 };

static void channel_record_name(const struct channel *channel, char name[RECORD_FILE_ROOM])
{
	snprintf(name, RECORD_FILE_ROOM, "fleet/channels/%s/record.json", channel->name);
}

void channel_record_read(struct channel_record *record, const char *state, const struct channel *channel)
{
	char name[RECORD_FILE_ROOM], class[32];
	struct node *node;
	struct why why;
	*record = (struct channel_record){0};
	channel_record_name(channel, name);
	if (state_dir_read_record(state, name, &node, &why) != 0)
		return;
	record->tried_at = node_number_at(node, "tried_at");
	record->serial = node_number_at(node, "serial");
	record->at = node_number_at(node, "at");
	record->expires = node_number_at(node, "expires");
	record->generation = node_number_at(node, "generation");
	record->rules = node_number_at(node, "rules");
	record->octets = node_number_at(node, "octets");
	record->deltas = node_number_at(node, "deltas");
	record->smallest = node_number_at(node, "smallest");
	node_words_at(node, "sha256", record->sha256, sizeof record->sha256);
	record->failed_at = node_number_at(node, "failed_at");
	node_text_at(node, "error_class", class, sizeof class);
	record->error_class = error_class_from_word(class);
	node_words_at(node, "error", record->error, sizeof record->error);
	node_free(node);
}

void channel_record_write(const struct channel_record *record, const char *state, const struct channel *channel)
{
	char name[RECORD_FILE_ROOM], path[PATH_MAX];
	struct why why;
	struct node *node = node_object();
	node_put(node, "tried_at", node_from_number(record->tried_at));
	node_put(node, "serial", node_from_number(record->serial));
	node_put(node, "at", node_from_number(record->at));
	node_put(node, "expires", node_from_number(record->expires));
	node_put(node, "generation", node_from_number(record->generation));
	node_put(node, "rules", node_from_number(record->rules));
	node_put(node, "octets", node_from_number(record->octets));
	node_put(node, "deltas", node_from_number(record->deltas));
	node_put(node, "smallest", node_from_number(record->smallest));
	node_put(node, "sha256", node_from_text(record->sha256));
	node_put(node, "failed_at", node_from_number(record->failed_at));
	node_put(node, "error_class", node_from_text(error_class_word(record->error_class)));
	node_put(node, "error", node_from_text(record->error));
	channel_record_name(channel, name);
	snprintf(path, sizeof path, "%s/%s", state, name);
	if (json_publish(node, path, MODE_PRIVATE, &why) < 0)
		log_warning("channel %s: %s", channel->name, why.text);
}
