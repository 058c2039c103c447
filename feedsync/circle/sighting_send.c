/* SPDX-License-Identifier: BSD-3-Clause */
#include "feedsync/circle/sighting_send.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "feedsync/base/clock.h"
#include "feedsync/base/log.h"
#include "feedsync/base/maxima.h"
#include "feedsync/base/wall_clock.h"
#include "feedsync/base/xalloc.h"
#include "feedsync/circle/sighting_way.h"
#include "feedsync/net/credentials.h"
#include "feedsync/net/fetch_all.h"
#include "libweir/errors.h"

enum {
	BETWEEN_CALLS_MS = 1000,
	MOST_FAILURES = 3, /* calls in a row: then the server is left alone */
	MOST_IN_A_CALL = 1000,
};

struct sending {
	const struct config *config;
	const struct partner *partner;
	const struct sighting_way *way;
	struct sighting_store *store;
	struct sighting_outcome *outcome;
	struct credentials access;
	char path[4096];
	struct sighting list[MOST_IN_A_CALL];
	char (*groups)[SIGHTING_GROUP];
	size_t group_count, group_room;
	time_t until;       /* the next partner is to be told then, clock_s() */
	uint64_t called_ms; /* when the last call began; 0: there was none */
	unsigned failures;  /* in a row */
	bool permitted;     /* the server has said that it accepts who we are */
	bool ends;          /* no more is to be sent */
};

static int add_pending_group(void *context, const char *group)
{
	struct sending *s = context;
	s->groups = xgrow(s->groups, s->group_count, &s->group_room, 64, sizeof *s->groups);
	snprintf(s->groups[s->group_count++], SIGHTING_GROUP, "%s", group);
	return 0;
}

/* Waits until a second has passed since the last call began. */
static void await_next_call(struct sending *s)
{
	uint64_t now = clock_ms(), due = s->called_ms + BETWEEN_CALLS_MS;
	if (s->called_ms > 0 && now < due) {
		const uint64_t wait_ms = due - now;
		nanosleep(&(struct timespec){.tv_sec = (time_t)(wait_ms / 1000),
				  .tv_nsec = (long)(wait_ms % 1000) * 1000000L},
			NULL);
	}
	s->called_ms = clock_ms();
}

static void note_call_error(struct sending *s, const struct sighting_call *call)
{
	struct sighting_outcome *outcome = s->outcome;
	outcome->failed++;
	if (call->retry_after_s > outcome->retry_after_s)
		outcome->retry_after_s = call->retry_after_s;
	if (outcome->error_class != ERROR_NONE)
		return;
	outcome->error_class = call->error_class != ERROR_NONE ? call->error_class : ERROR_INTERNAL;
	snprintf(outcome->error, sizeof outcome->error, "%s", call->error);
}

static void set_states(struct sighting_call *call, enum sighting_state state, const char *words)
{
	for (size_t i = 0; i < call->count; i++) {
		call->list[i].state = state;
		call->list[i].words = words;
	}
}

static enum sighting_result call_server(struct sending *s, struct sighting_call *call)
{
	await_next_call(s);
	enum sighting_result result = s->way->send(call);
	if (result != CALL_FORBIDDEN)
		return result;
	if (!s->permitted && s->way->ask_permission) {
		struct sighting_call question = {.partner = call->partner, .access = call->access, .path = call->path};
		await_next_call(s);
		s->permitted = s->way->ask_permission(&question) == CALL_TAKEN;
	}
	return s->permitted ? CALL_REFUSED : CALL_FORBIDDEN;
}

/* Notes what came of a call. Returns 0, or a negative code with the reason. */
static int settle_call(struct sending *s, struct sighting_call *call, enum sighting_result result, struct why *why)
{
	uint64_t sent = 0, refused = 0;
	if (result == CALL_REFUSED)
		set_states(call, SIGHTING_REFUSED, call->words);
	else if (result != CALL_TAKEN)
		set_states(call, SIGHTING_PENDING, "");
	for (size_t i = 0; i < call->count; i++) {
		sent += call->list[i].state == SIGHTING_SENT;
		refused += call->list[i].state == SIGHTING_REFUSED;
	}
	int status = sighting_store_settle(s->store, s->partner->name, call->list, call->count, wall_now(), why);
	if (status != 0)
		return status;
	s->outcome->sent += sent;
	s->outcome->refused += refused;
	if (result == CALL_TAKEN && call->added < sent)
		s->outcome->known += sent - call->added;
	if (refused > 0)
		log_warning(
			"sightings %s: %llu refused: %s", s->partner->name, (unsigned long long)refused, call->words);
	return 0;
}

/* What a failure means for the other groups: a server that is not there, or that asks to be left alone, is; one that fails with
 * a group may do better with the next. */
static void judge_call_failure(struct sending *s, const struct sighting_call *call, enum sighting_result result)
{
	note_call_error(s, call);
	s->failures++;
	s->ends =
		result == CALL_FORBIDDEN || !call->answered || call->retry_after_s > 0 || s->failures >= MOST_FAILURES;
}

/* Ends, so that a slow server keeps no other partner from being told. */
static void leave_rest(struct sending *s)
{
	log_info("sightings %s: not all is sent after %d s; what is pending stays, and is sent next time",
		s->partner->name, MAX_PARTNER_S);
	s->ends = true;
}

/* Sends the pending sightings of a group. Returns 0 or a negative code with the reason. */
static int send_group(struct sending *s, const char *group, struct why *why)
{
	struct sighting_batch batch = {
		.list = s->list, .most = s->way->most < MOST_IN_A_CALL ? s->way->most : MOST_IN_A_CALL};
	for (;;) {
		int status = sighting_store_batch(s->store, s->partner->name, group, &batch, why);
		if (status != 0 || batch.count == 0)
			return status;
		if (clock_s() >= s->until) {
			leave_rest(s);
			return 0;
		}
		struct sighting_call call = {.organisation = &s->config->organisation,
			.partner = s->partner,
			.access = &s->access,
			.path = s->path,
			.list = s->list,
			.count = batch.count};
		enum sighting_result result = call_server(s, &call);
		if (result == CALL_TOO_LARGE && batch.count > 1) {
			batch.most = batch.count / 2;
			continue;
		}
		if (result == CALL_TOO_LARGE) {
			if (!call.words[0])
				snprintf(call.words, sizeof call.words, "even one is too large");
			result = CALL_REFUSED;
		}
		status = settle_call(s, &call, result, why);
		if (status != 0)
			return status;
		if (result == CALL_FORBIDDEN || result == CALL_FAILED) {
			judge_call_failure(s, &call, result);
			return 0;
		}
		s->failures = 0;
		batch.after = s->list[batch.count - 1].id;
	}
}

static int send_groups(struct sending *s, struct why *why)
{
	int status = sighting_store_groups(s->store, s->partner->name, add_pending_group, s, why);
	if (status != 0 || s->group_count == 0)
		return status;
	struct why secret;
	if (credentials_load(&s->access, s->partner->access.kind, s->partner->access.user,
		    s->partner->access.secret_file, &secret) != 0) {
		struct sighting_call call = {.error_class = ERROR_AUTH};
		snprintf(call.error, sizeof call.error, "%.250s", secret.text);
		note_call_error(s, &call);
		return 0;
	}
	fetch_resolve_by(s->config->resolves ? &s->config->resolver : NULL);
	for (size_t i = 0; status == 0 && i < s->group_count && !s->ends; i++)
		status = send_group(s, s->groups[i], why);
	fetch_resolve_by(NULL);
	credentials_forget(&s->access);
	return status;
}

int sightings_send(const struct config *config, const struct partner *partner, struct sighting_store *store,
	struct sighting_outcome *outcome, struct why *why)
{
	struct sending *s = calloc(1, sizeof *s);
	*outcome = (struct sighting_outcome){0};
	if (!s)
		return why_set(why, -ENOMEM, "out of memory");
	s->config = config;
	s->partner = partner;
	s->way = sighting_way_find(partner->to);
	s->store = store;
	s->outcome = outcome;
	s->until = clock_s() + MAX_PARTNER_S;
	snprintf(s->path, sizeof s->path, "%s/sightings/answer", config->state);
	int status = send_groups(s, why);
	free(s->groups);
	free(s);
	return status;
}
