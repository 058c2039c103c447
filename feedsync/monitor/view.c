/* SPDX-License-Identifier: BSD-3-Clause */
#include "feedsync/monitor/view.h"

#include <stdio.h>

#include "feedsync/base/act_as_owner.h"
#include "feedsync/config/shown_names.h"
#include "feedsync/publish/history.h"

static void note_publish(void *context, const struct history_publish *publish)
{
	struct view *view = context;
	if (view->publish_count == VIEW_PUBLISHES)
		return;
	struct view_publish *noted = &view->publish[view->publish_count++];
	*noted = (struct view_publish){.generation = publish->generation,
		.time = publish->time,
		.rules = publish->rules,
		.added = publish->added,
		.removed = publish->removed,
		.fetch_ms = publish->fetch_ms,
		.compile_ms = publish->compile_ms,
		.publish_ms = publish->publish_ms,
		.counted = publish->counted};
	snprintf(noted->cause, sizeof noted->cause, "%s", publish->cause);
}

/* A history that cannot be read is a condition of the report: here it is only shorter. */
static void gather_publishes(struct view *view, const char *state)
{
	struct history *history = NULL;
	struct why why;
	int status = history_open(&history, state, false, &why);
	if (status == 0)
		status = history_publishes(history, UINT64_MAX, VIEW_PUBLISHES, note_publish, view, &why);
	history_close(&history);
	if (status != 0)
		view->publish_count = 0;
}

/* What is remembered stands in the state directory, which is read as its owner does. */
static int gather_fleet(struct view *view, const struct config *config, struct why *why)
{
	struct owner_visit visit;
	if (config->fleet.resolver_count == 0)
		return 0;
	int status = owner_enter_path(&visit, config->state, why);
	if (status != 0)
		return status;
	fleet_report_begin(&view->fleet, &view->report, NULL);
	view->has_fleet = true;
	owner_leave(&visit);
	return 0;
}

int view_begin(struct view *view, const struct config *config, struct why *why)
{
	struct owner_visit visit;
	*view = (struct view){0};
	int status = owner_enter_path(&visit, config->state, why);
	if (status != 0)
		return status;
	tally_read(&view->tally, config->state);
	gather_publishes(view, config->state);
	owner_leave(&visit);
	status = report_begin(&view->report, config, why);
	if (status != 0)
		return status;
	tally_look(&view->tally, view->report.resolvers, view->report.resolver_count, view->report.now);
	status = gather_fleet(view, config, why);
	if (status != 0)
		report_end(&view->report);
	return status;
}

void view_end(struct view *view)
{
	if (view->has_fleet)
		fleet_report_end(&view->fleet);
	report_end(&view->report);
}

unsigned view_resolver(const struct view *view, size_t resolver)
{
	return tally_number(&view->tally, &view->report.resolvers[resolver]);
}

char *view_message(const struct view *view, const char *message, char *to, size_t room)
{
	const struct table *table = view->report.table;
	return shown_message(view->report.config, table ? table_policy(table) : NULL, message, to, room);
}
