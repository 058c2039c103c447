/* SPDX-License-Identifier: BSD-3-Clause */
#include "feedsync/monitor/snapshot.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "feedsync/base/atomic_file.h"
#include "feedsync/base/json.h"
#include "feedsync/config/shown_names.h"
#include "feedsync/monitor/fleet_page.h"
#include "feedsync/monitor/metrics.h"
#include "feedsync/monitor/page.h"
#include "feedsync/monitor/summary.h"
#include "libweir/memory_text.h"

/* Renders into a text that becomes a node; NULL when out of memory. */
static struct node *render(const struct view *view, void (*print)(const struct view *view, FILE *out))
{
	char *text = NULL;
	size_t length;
	FILE *out = open_memstream(&text, &length);
	if (out)
		print(view, out);
	struct node *node = out && memory_text_close(out, &text) ? node_from_text(text) : NULL;
	free(text);
	return node;
}

static struct node *render_summary(const struct view *view)
{
	struct node *summary = summary_json(view);
	char *text = summary ? json_print(summary) : NULL;
	struct node *node = text ? node_from_text(text) : NULL;
	free(text);
	node_free(summary);
	return node;
}

/* The names that may be shown; the operator's own lists are among them. */
static struct node *list_shown(const struct config *config)
{
	struct node *list = node_array();
	for (size_t i = 0; i < config->feed_count; i++)
		if (!feed_is_restricted(&config->feeds[i]))
			node_append(list, node_from_text(config->feeds[i].name));
	node_append(list, node_from_text(config->feed_policies[config->feed_count].name));
	return list;
}

static int publish_view(const struct view *view, const struct config *config, struct why *why)
{
	char path[4096];
	struct node *document = node_object();
	node_put(document, "at", node_from_number(view->report.now));
	node_put(document, "listen", node_from_text(config->pages_listen));
	node_put(document, "table", node_from_text(config->table));
	node_put(document, "feeds", list_shown(config));
	node_put(document, "metrics", render(view, metrics_print));
	node_put(document, "page", render(view, page_print));
	node_put(document, "fleet", render(view, fleet_page_print));
	node_put(document, "status", render_summary(view));
	snprintf(path, sizeof path, "%s/" SNAPSHOT_FILE, config->pages_directory);
	int status = json_publish(document, path, MODE_PRIVATE, why);
	return status < 0 ? status : 0;
}

int snapshot_publish(const struct config *config, struct why *why)
{
	struct view *view = calloc(1, sizeof *view);
	if (!view)
		return why_set(why, -ENOMEM, "out of memory");
	int status = view_begin(view, config, why);
	if (status == 0) {
		tally_write(&view->tally, config->state);
		status = publish_view(view, config, why);
		view_end(view);
	}
	free(view);
	return status;
}

int snapshot_read(struct snapshot *snapshot, const char *directory, struct why *why)
{
	char path[4096];
	*snapshot = (struct snapshot){0};
	snprintf(path, sizeof path, "%s/" SNAPSHOT_FILE, directory);
	int status = json_load(&snapshot->document, path, MAX_SNAPSHOT, why);
	if (status != 0)
		return status;
	const struct node *document = snapshot->document;
	snapshot->at = node_number_at(document, "at");
	snapshot->listen = node_text(node_get(document, "listen"), NULL);
	snapshot->table = node_text(node_get(document, "table"), NULL);
	snapshot->metrics = node_text(node_get(document, "metrics"), NULL);
	snapshot->page = node_text(node_get(document, "page"), NULL);
	snapshot->fleet = node_text(node_get(document, "fleet"), NULL);
	snapshot->status = node_text(node_get(document, "status"), NULL);
	snapshot->feeds = node_get(document, "feeds");
	if (snapshot->listen && snapshot->table && snapshot->metrics && snapshot->page && snapshot->fleet &&
		snapshot->status)
		return 0;
	snapshot_end(snapshot);
	return why_set(why, -EBADMSG, "it is no snapshot of this version");
}

void snapshot_end(struct snapshot *snapshot)
{
	node_free(snapshot->document);
	*snapshot = (struct snapshot){0};
}

bool snapshot_shows(const struct snapshot *snapshot, const char *feed)
{
	for (size_t i = 0; i < node_count(snapshot->feeds); i++) {
		const char *name = node_text(node_at(snapshot->feeds, i), NULL);
		if (name && strcmp(name, feed) == 0)
			return true;
	}
	return false;
}
