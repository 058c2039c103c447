/* SPDX-License-Identifier: BSD-3-Clause */
#include "feedsync/circle/output_record.h"

#include <stdio.h>

#include "feedsync/base/atomic_file.h"
#include "feedsync/base/json.h"
#include "feedsync/base/log.h"
#include "feedsync/circle/output_state.h"
#include "feedsync/publish/state_dir.h"
#include "libweir/errors.h"

enum { RECORD_NAME = 128 };

static void record_name(const struct output *output, char name[RECORD_NAME])
{
	snprintf(name, RECORD_NAME, "shared/%s.json", output->name);
}

void output_record_read(struct output_record *record, const char *state, const struct output *output)
{
	char name[RECORD_NAME], class[32];
	struct node *node;
	struct why why;
	*record = (struct output_record){0};
	record_name(output, name);
	if (state_dir_read_record(state, name, &node, &why) != 0)
		return;
	record->tried_at = node_number_at(node, "tried_at");
	record->serial = node_number_at(node, "serial");
	record->at = node_number_at(node, "at");
	record->items = node_number_at(node, "items");
	record->failed_at = node_number_at(node, "failed_at");
	node_text_at(node, "error_class", class, sizeof class);
	record->error_class = error_class_from_word(class);
	node_words_at(node, "error", record->error, sizeof record->error);
	node_words_at(node, "sum", record->sum, sizeof record->sum);
	node_words_at(node, "chain", record->chain, sizeof record->chain);
	withheld_from_json(record->withheld, node_get(node, "withheld"));
	node_free(node);
}

void output_record_write(const struct output_record *record, const char *state, const struct output *output)
{
	char name[RECORD_NAME], path[OUTPUT_PATH];
	struct why why;
	struct node *node = node_object();
	node_put(node, "tried_at", node_from_number(record->tried_at));
	node_put(node, "serial", node_from_number(record->serial));
	node_put(node, "at", node_from_number(record->at));
	node_put(node, "items", node_from_number(record->items));
	node_put(node, "withheld", withheld_json(record->withheld));
	node_put(node, "failed_at", node_from_number(record->failed_at));
	node_put(node, "error_class", node_from_text(error_class_word(record->error_class)));
	node_put(node, "error", node_from_text(record->error));
	node_put(node, "sum", node_from_text(record->sum));
	node_put(node, "chain", node_from_text(record->chain));
	record_name(output, name);
	snprintf(path, sizeof path, "%s/%s", state, name);
	if (json_publish(node, path, MODE_PRIVATE, &why) < 0)
		log_warning("output %s: %s", output->name, why.text);
}

uint64_t output_record_withheld(const struct output_record *record)
{
	uint64_t count = 0;
	for (int i = WITHHELD_NOT + 1; i < WITHHELD_COUNT; i++)
		count += record->withheld[i];
	return count;
}
