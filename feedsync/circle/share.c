/* SPDX-License-Identifier: BSD-3-Clause */
#include "feedsync/circle/share.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "feedsync/base/log.h"
#include "feedsync/base/wall_clock.h"
#include "feedsync/base/xalloc.h"
#include "feedsync/circle/circle_lock.h"
#include "feedsync/circle/share_output.h"
#include "libweir/errors.h"

static bool is_requested(const struct share_request *request, const char *output)
{
	for (size_t i = 0; i < request->output_count; i++)
		if (strcmp(request->outputs[i], output) == 0)
			return true;
	return request->output_count == 0;
}

/* Shares each output that is asked for. All states are read, since identifiers are those of all. */
static void share_outputs(struct sharing *s, struct share_counts *counts)
{
	const struct config *config = s->config;
	for (size_t i = 0; i < config->output_count; i++)
		if (output_state_read(&s->states[i], config->state, &config->organisation, &config->outputs[i],
			    &s->unread[i]) == 0)
			s->unread[i].text[0] = '\0';
	for (size_t i = 0; i < config->output_count; i++) {
		if (!is_requested(s->request, config->outputs[i].name))
			continue;
		enum share_result result = share_output(s, i);
		counts->released += result == SHARE_RELEASED;
		counts->unchanged += result == SHARE_UNCHANGED;
		counts->failed += result == SHARE_FAILED;
	}
}

/* Notes with each output why sharing could not even begin. */
static void note_failure(const struct share_request *request, int status, const struct why *why)
{
	const struct config *config = request->config;
	for (size_t i = 0; i < config->output_count; i++) {
		struct output_record record;
		if (request->plan || !is_requested(request, config->outputs[i].name))
			continue;
		output_record_read(&record, config->state, &config->outputs[i]);
		record.tried_at = wall_now();
		record.failed_at = record.failed_at > 0 ? record.failed_at : record.tried_at;
		record.error_class = error_class_from_code(status);
		snprintf(record.error, sizeof record.error, "%s", why->text);
		output_record_write(&record, config->state, &config->outputs[i]);
	}
}

int share_all(const struct share_request *request, struct share_counts *counts, struct why *why)
{
	const struct config *config = request->config;
	*counts = (struct share_counts){0};
	if (config->output_count == 0) /* which needs no table either */
		return 0;
	struct sharing s = {.request = request,
		.config = config,
		.states = xcalloc(config->output_count, sizeof *s.states),
		.unread = xcalloc(config->output_count, sizeof *s.unread)};
	/* A plan changes nothing: what is read is replaced as a whole. */
	int lock = request->plan ? -1 : circle_lock(config->state, "shared", "sharing", why);
	int status = request->plan || lock >= 0 ? 0 : lock;
	s.now = wall_now();
	if (status == 0)
		status = shared_entries_gather(&s.entries, config, s.now, why);
	if (status == 0)
		share_outputs(&s, counts);
	else if (lock >= 0)
		note_failure(request, status, why);
	for (size_t i = 0; i < config->output_count; i++)
		output_state_free(&s.states[i]);
	shared_entries_free(&s.entries);
	free(s.states);
	free(s.unread);
	if (lock >= 0)
		close(lock);
	return status;
}
