/* SPDX-License-Identifier: BSD-3-Clause */
#include "feedsync/fleet/publish_channel.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "feedsync/base/log.h"
#include "feedsync/base/units.h"
#include "feedsync/base/wall_clock.h"
#include "feedsync/config/configuration.h"
#include "feedsync/fleet/bundle.h"
#include "feedsync/fleet/channel_files.h"
#include "feedsync/fleet/channel_publishing.h"
#include "feedsync/fleet/publish_wake.h"
#include "feedsync/fleet/put_objects.h"
#include "libweir/errors.h"

/* ---- what is wanted ---- */

static bool has_delta(const struct manifest *m, const struct manifest_delta *delta)
{
	for (size_t i = 0; i < m->delta_count; i++)
		if (strcmp(m->deltas[i].from, delta->from) == 0 && strcmp(m->deltas[i].sha256, delta->sha256) == 0)
			return true;
	return false;
}

/* Whether the last manifest tells all that the bundle has, and is good for long enough. */
static bool is_last_wanted(const struct channel_publishing *p)
{
	const struct bundle *bundle = p->request->bundle;
	const struct manifest *last = &p->manifest;
	uint64_t life = last->expires - last->created;
	if (!p->readable || strcmp(last->table.sha256, bundle->table.sha256) != 0 ||
		strcmp(last->table.zsha256, bundle->table.zsha256) != 0 || (bundle->urgent && !last->urgent) ||
		life != p->request->channel->expires_s || wall_now() >= last->created + life / 2)
		return false;
	for (size_t i = 0; i < bundle->delta_count; i++)
		if (!has_delta(last, &bundle->deltas[i]))
			return false;
	return true;
}

/* ---- a new manifest ---- */

static int make_manifest(struct channel_publishing *p, struct why *why)
{
	const struct bundle *bundle = p->request->bundle;
	const uint64_t now = wall_now();
	struct manifest *m = &p->manifest;
	*m = (struct manifest){.serial = p->serial + 1,
		.created = now,
		.expires = now + p->request->channel->expires_s,
		.urgent = bundle->urgent,
		.table = bundle->table,
		.delta_count = bundle->delta_count,
		.must_pass = bundle->must_pass,
		.must_block = bundle->must_block};
	snprintf(m->channel, sizeof m->channel, "%s", p->request->channel->name);
	if (gethostname(m->publisher, sizeof m->publisher - 1) != 0)
		m->publisher[0] = '\0';
	memcpy(m->deltas, bundle->deltas, sizeof m->deltas);
	octets_free(&p->next);
	return manifest_write(&p->next.at, &p->next.length, m, &p->key, why);
}

/* Creates the manifest, where its serial is not taken. */
static int create_manifest(struct channel_publishing *p, struct why *why)
{
	char name[MANIFEST_OBJECT_TEXT];
	const struct target_kind_row *row = p->target->row;
	manifest_object(p->manifest.serial, name);
	int status = row->create(p->target, name, p->next.at, p->next.length, why);
	if (status == -ENOTSUP && p->request->channel->single_writer) {
		status = publishing_find_other(p, name, why);
		if (status == 0)
			status = row->replace(p->target, name, p->next.at, p->next.length, why);
	}
	return status == -EEXIST ? publishing_find_other(p, name, why) : status;
}

/* After a take-over serials may be in use that `latest` does not tell of. */
static int create_free_manifest(struct channel_publishing *p, struct why *why)
{
	enum { TRIES = 64 };
	const char *state = p->request->config->state;
	int status = -EEXIST;
	for (unsigned tries = 0; tries < TRIES; tries++) {
		status = make_manifest(p, why);
		if (status == 0)
			status = channel_write_next(state, p->request->channel, &p->next, why);
		if (status == 0)
			status = create_manifest(p, why);
		if (status != CHANNEL_TAKEN)
			return status;
		struct why reason;
		if (channel_drop_next(state, p->request->channel, &reason) != 0)
			log_warning("channel %s: %s", p->request->channel->name, reason.text);
		if (!p->request->take_over)
			return status;
		p->serial++;
	}
	return status;
}

static int show_latest(struct channel_publishing *p, const struct octets *octets, struct why *why)
{
	return p->target->row->replace(p->target, MANIFEST_LATEST, octets->at, octets->length, why);
}

static int publish_manifest(struct channel_publishing *p, struct why *why)
{
	const struct channel *channel = p->request->channel;
	int status = create_free_manifest(p, why);
	if (status == 0)
		status = show_latest(p, &p->next, why);
	if (status == 0)
		publish_wake(p);
	if (status == 0)
		status = channel_take_next(p->request->config->state, channel, why);
	if (status != 0)
		return status;
	char size[UNITS_TEXT];
	log_info("channel %s: serial %llu published: generation %llu, %s, %zu delta%s", channel->name,
		(unsigned long long)p->manifest.serial, (unsigned long long)p->manifest.table.generation,
		size_text(p->manifest.table.zsize, size), p->manifest.delta_count,
		p->manifest.delta_count == 1 ? "" : "s");
	return CHANNEL_PUBLISHED;
}

/* The last manifest is the right one: the target is brought to show it. */
static int show_again(struct channel_publishing *p, struct why *why)
{
	char name[MANIFEST_OBJECT_TEXT];
	if (p->shown)
		return CHANNEL_UNCHANGED;
	manifest_object(p->manifest.serial, name);
	int status = p->target->row->create(p->target, name, p->last.at, p->last.length, why);
	if (status == -ENOTSUP)
		status = p->target->row->replace(p->target, name, p->last.at, p->last.length, why);
	if (status == 0 || status == -EEXIST)
		status = show_latest(p, &p->last, why);
	if (status != 0)
		return status;
	log_info("channel %s: serial %llu is shown again", p->request->channel->name,
		(unsigned long long)p->manifest.serial);
	return CHANNEL_REPAIRED;
}

/* ---- the whole ---- */

static void note_published(struct channel_record *record, const struct manifest *m)
{
	record->serial = m->serial;
	record->at = m->created;
	record->expires = m->expires;
	record->generation = m->table.generation;
	record->rules = m->table.rules;
	record->octets = m->table.zsize;
	record->deltas = m->delta_count;
	record->smallest = 0;
	for (size_t i = 0; i < m->delta_count; i++)
		if (record->smallest == 0 || m->deltas[i].size < record->smallest)
			record->smallest = m->deltas[i].size;
	memcpy(record->sha256, m->table.sha256, sizeof record->sha256);
}

static int publish_locked(struct channel_publishing *p, struct channel_record *record, struct why *why)
{
	int status = publishing_begin(p, why);
	if (status == 0)
		status = put_objects(p->target, p->request->bundle, why);
	if (status == 0)
		status = is_last_wanted(p) ? show_again(p, why) : publish_manifest(p, why);
	if (status < 0)
		return status;
	note_published(record, &p->manifest);
	remove_old_objects(p->target, p->request->config->state, &p->before, &p->manifest);
	return status;
}

static enum error_class class_of_failure(const struct channel_publishing *p, int status)
{
	if (status == CHANNEL_TAKEN)
		return ERROR_ALARM;
	bool of_server = status == -EPROTO || status == -ENETUNREACH || status == -ENOTSUP;
	enum error_class told = of_server && p->target ? p->target->error_class : ERROR_NONE;
	return told != ERROR_NONE ? told : error_class_from_code(status);
}

int publish_channel(const struct channel_request *request, struct channel_record *record, struct why *why)
{
	struct channel_publishing *p = calloc(1, sizeof *p);
	if (!p)
		return why_set(why, -ENOMEM, "out of memory");
	p->request = request;
	int lock = channel_lock(request->config->state, request->channel, why);
	int status = lock < 0 ? lock : publish_locked(p, record, why);
	if (status < 0)
		record->error_class = class_of_failure(p, status);
	publishing_end(p);
	free(p);
	if (lock >= 0)
		close(lock);
	return status;
}
