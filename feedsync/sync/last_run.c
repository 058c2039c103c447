/* SPDX-License-Identifier: BSD-3-Clause */
#include "feedsync/sync/last_run.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "feedsync/base/atomic_file.h"
#include "feedsync/base/json.h"
#include "feedsync/base/log.h"
#include "feedsync/config/configuration.h"
#include "feedsync/publish/state_dir.h"
#include "libweir/errors.h"
#include "libweir/table.h"

#define FILE_NAME "sync.json"

enum { RECORD_SIZE = 1280 };

const char *run_end_word(enum run_end end)
{
	static const char *const words[RUN_END_COUNT] = {
		"under_way", "stopped", "published", "unchanged", "held", "failed"};
	return words[end];
}

void last_run_read(struct last_run *record, const char *state)
{
	struct why why;
	struct node *node;
	*record = (struct last_run){0};
	int status = state_dir_read_record(state, FILE_NAME, &node, &why);
	record->at = node_number_at(node, "at");
	record->resident = node_truth(node_get(node, "resident"));
	record->ended = node_truth(node_get(node, "ended"));
	node_words_at(node, "error", record->error, sizeof record->error);
	record->error_class = error_class_from_word(node_text(node_get(node, "error_class"), NULL));
	const struct node *counts = node_get(node, "counts");
	for (enum run_end end = RUN_END_FIRST_COUNTED; end < RUN_END_COUNT; end++)
		record->counts[end] = node_number_at(counts, run_end_word(end));
	wall_get(node, &record->wall);
	if (status != 0 && status != -ENOENT) {
		snprintf(record->error, sizeof record->error, "%s", why.text);
		record->error_class = error_class_from_code(status);
	}
	node_free(node);
}

void last_run_begin_clock(const struct config *config)
{
	struct last_run record;
	struct table *table = NULL;
	struct why why;
	uint64_t made = 0;
	last_run_read(&record, config->state);
	if (record.wall.clock == 0 && table_open(&table, config->table, &why) == 0)
		made = table_header(table)->created;
	table_close(&table);
	wall_begin(&record.wall, made);
}

/* Writes in place, and always the same length. So it can be written on a full disk, which is what `status` must tell
 * then. */
void last_run_write(const char *state, bool resident, enum run_end end, enum error_class class, const char *error)
{
	char path[4096], record[RECORD_SIZE];
	struct last_run before;
	struct wall_record wall;
	last_run_read(&before, state);
	snprintf(path, sizeof path, "%s/" FILE_NAME, state);
	struct node *node = node_object();
	node_put(node, "at", node_from_number(wall_now()));
	node_put(node, "resident", node_from_bool(resident));
	node_put(node, "ended", node_from_bool(end != RUN_END_UNDER_WAY));
	node_put(node, "error", node_from_text(error));
	node_put(node, "error_class", node_from_text(error_class_word(class)));
	struct node *counts = node_object();
	for (enum run_end e = RUN_END_FIRST_COUNTED; e < RUN_END_COUNT; e++)
		node_put(counts, run_end_word(e), node_from_number(before.counts[e] + (e == end)));
	node_put(node, "counts", counts);
	wall_record(&wall);
	wall_put(node, &wall);
	char *text = json_print(node);
	node_free(node);
	memset(record, ' ', sizeof record);
	if (text)
		memcpy(record, text, strnlen(text, sizeof record - 1));
	record[sizeof record - 1] = '\n';
	free(text);
	int fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK, MODE_PRIVATE);
	if (fd < 0 || pwrite(fd, record, sizeof record, 0) != sizeof record || fsync(fd) != 0)
		log_warning("%s: %s", path, error_text(-errno));
	if (fd >= 0)
		close(fd);
}
