/* SPDX-License-Identifier: BSD-3-Clause */
#include "feedsync/guard/list_record.h"

#include <errno.h>
#include <stdio.h>
#include <unistd.h>

#include "feedsync/base/atomic_file.h"
#include "feedsync/base/json.h"
#include "feedsync/base/log.h"
#include "feedsync/base/xalloc.h"

enum { RECORD_MAX = 1 << 20, TROUBLES_MAX = 1000 };

static void path_of_record(const char *state, char path[4096])
{
	snprintf(path, 4096, "%s/guard.json", state);
}

static struct node *trouble_to_json(const struct list_trouble *trouble)
{
	struct node *node = node_object();
	node_put(node, "error", node_from_text(trouble->why.text));
	node_put(node, "error_class", node_from_text(error_class_word(trouble->class)));
	node_put(node, "stands_in", node_from_bool(trouble->stands_in));
	node_put(node, "since", node_from_number(trouble->since));
	return node;
}

void list_record_write(const char *state, const struct list_trouble *troubles, size_t count)
{
	char path[4096];
	struct why why;
	path_of_record(state, path);
	if (count == 0) {
		if (unlink(path) != 0 && errno != ENOENT)
			log_warning("%s: %s", path, error_text(-errno));
		return;
	}
	struct node *list = node_array(), *record = node_object();
	for (size_t i = 0; i < count && i < TROUBLES_MAX; i++)
		node_append(list, trouble_to_json(&troubles[i]));
	node_put(record, "lists", list);
	if (json_publish(record, path, MODE_PRIVATE, &why) < 0)
		log_warning("%s", why.text);
}

size_t list_record_read(const char *state, struct list_trouble **troubles)
{
	char path[4096];
	struct node *record;
	struct why reason;
	path_of_record(state, path);
	int status = json_load(&record, path, RECORD_MAX, &reason);
	*troubles = NULL;
	if (status == -ENOENT || status == -EACCES) /* who may not see the state directory is told so elsewhere */
		return 0;
	const struct node *list = node_get(record, "lists");
	size_t count = status != 0 ? 1 : node_count(list) < TROUBLES_MAX ? node_count(list) : TROUBLES_MAX;
	*troubles = xcalloc(count, sizeof **troubles);
	if (status != 0)
		list_trouble_set(*troubles, path, status, &reason);
	for (size_t i = 0; status == 0 && i < count; i++) {
		const struct node *node = node_at(list, i);
		struct list_trouble *trouble = &(*troubles)[i];
		node_words_at(node, "error", trouble->why.text, sizeof trouble->why.text);
		trouble->class = error_class_from_word(node_text(node_get(node, "error_class"), NULL));
		trouble->stands_in = node_truth(node_get(node, "stands_in"));
		trouble->since = node_number_at(node, "since");
	}
	node_free(record);
	return count;
}
