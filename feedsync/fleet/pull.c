/* SPDX-License-Identifier: BSD-3-Clause */
#include "feedsync/fleet/pull.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "feedsync/base/atomic_file.h"
#include "feedsync/base/file_lock.h"
#include "feedsync/base/log.h"
#include "feedsync/base/maxima.h"
#include "feedsync/base/path_sum.h"
#include "feedsync/base/xalloc.h"
#include "feedsync/fleet/pull_fetch.h"
#include "feedsync/fleet/pull_install.h"
#include "feedsync/fleet/pull_judge.h"
#include "feedsync/fleet/pull_offer.h"
#include "feedsync/fleet/pull_table.h"
#include "feedsync/fleet/pull_window.h"
#include "feedsync/net/fetch_all.h"
#include "libweir/errors.h"

struct pull {
	const struct config *config;
	const struct pull_request *request;
	struct pull_outcome *outcome;
	struct pull_record record;
	struct pull_offer offer;
	char published[SHA256_TEXT]; /* of the published table's octets; "" = there is none that can be read */
	enum error_class class;      /* ERROR_NONE: nothing has failed */
	struct why why;
};

/* ---- what is there ---- */

static void sum_of_published(const struct pull *p, char sum[FILE_SUM])
{
	snprintf(sum, FILE_SUM, "%016" PRIx64, path_sum(p->config->table));
}

/* Finds out which table is published, without reading it where it is the one of the record. */
static void look_at_published(struct pull *p)
{
	char sum[FILE_SUM];
	struct why why;
	sum_of_published(p, sum);
	if (p->record.table[0] && strcmp(sum, p->record.table_file) == 0)
		snprintf(p->published, sizeof p->published, "%s", p->record.table);
	else if (digest_sha256_file(p->published, p->config->table, &why) != 0)
		p->published[0] = '\0';
	else if (strcmp(p->published, p->record.table) == 0)
		snprintf(p->record.table_file, sizeof p->record.table_file, "%s", sum);
}

/* Whether a key is trusted still. */
static bool trusts_key(const struct config *config, const char *key)
{
	char number[PULL_KEY_TEXT];
	for (unsigned i = 0; i < config->pull.key_count; i++)
		if (strcmp(minisign_key_number(&config->pull.key[i], number), key) == 0)
			return true;
	return false;
}

/* Whether what the record says is in force is: then the server need not send it again. Servers tell versions apart by the
 * second, or may be wrong: after a while it is asked anew. */
static bool holds_manifest(const struct pull *p)
{
	const struct pull_record *r = &p->record;
	uint64_t now = wall_now();
	return r->manifest[0] && r->came_at <= now && r->came_at + PULL_WHOLE_S > now &&
	       strcmp(r->url, p->config->pull.url) == 0 && trusts_key(p->config, r->key) &&
	       strcmp(p->published, r->table) == 0 && r->expires > now;
}

/* ---- the manifest ---- */

/* Notes why the pull fails. Returns `code`. */
static int fail_pull(struct pull *p, enum error_class class, int code, const char *what, const struct why *why)
{
	p->class = class;
	return why_set(&p->why, code, "%s%s%.200s", what, what[0] ? ": " : "", why->text);
}

/* Finds what is offered. Returns as pull_offer_find does. */
static int find_offer(struct pull *p)
{
	const struct pull_known known = {p->config, &p->record, holds_manifest(p), p->request->woken};
	int status = pull_offer_find(&p->offer, &known);
	p->record.octets += p->offer.octets;
	p->outcome->retry_after_s = p->offer.retry_after_s;
	return status < 0 ? fail_pull(p, p->offer.class, status, "", &p->offer.why) : status;
}

/* ---- the table ---- */

/* The server has sent the manifest that is in force: it is asked by this version of it from now on. */
static void note_latest(struct pull *p)
{
	struct pull_record *r = &p->record;
	snprintf(r->url, sizeof r->url, "%s", p->config->pull.url);
	snprintf(r->etag, sizeof r->etag, "%s", p->offer.etag);
	snprintf(r->last_modified, sizeof r->last_modified, "%s", p->offer.last_modified);
	r->came_at = wall_now();
}

/* The manifest is in force. */
static void take_manifest(void *context)
{
	struct pull *p = context;
	struct pull_record *r = &p->record;
	const struct manifest *m = &p->offer.manifest;
	note_latest(p);
	snprintf(r->channel, sizeof r->channel, "%s", m->channel);
	snprintf(r->key, sizeof r->key, "%s", p->offer.key);
	snprintf(r->manifest, sizeof r->manifest, "%s", p->offer.digest);
	snprintf(r->table, sizeof r->table, "%s", m->table.sha256);
	sum_of_published(p, r->table_file);
	r->serial = m->serial;
	r->created = m->created;
	r->expires = m->expires;
	r->generation = m->table.generation;
	r->taken_at = r->came_at;
	pull_record_raise(r, p->offer.key, m);
	p->outcome->end = PULL_TAKEN;
	if (pull_record_write(r, p->config->state, &p->why) < 0)
		log_warning("%s", p->why.text); /* it is written once more at the end */
}

/* The delta from the published table, where that is smaller than the whole; else NULL. */
static const struct manifest_delta *choose_delta(const struct pull *p)
{
	const struct manifest *m = &p->offer.manifest;
	for (size_t i = 0; p->published[0] && i < m->delta_count; i++)
		if (strcmp(m->deltas[i].from, p->published) == 0 && m->deltas[i].size < m->table.zsize)
			return &m->deltas[i];
	return NULL;
}

/* Fetches an object and puts its table in force. `delta` NULL: the object is the whole table. */
static int install_object(struct pull *p, const struct manifest_delta *delta)
{
	const struct manifest_table *table = &p->offer.manifest.table;
	struct pull_fetched fetched;
	struct why why;
	char name[MANIFEST_OBJECT_TEXT], label[64], path[4096];
	const struct pull_object object = {
		name, label, delta ? delta->sha256 : table->zsha256, delta ? delta->size : table->zsize};
	if (delta) {
		manifest_delta_object(delta->from, table->sha256, name);
		snprintf(label, sizeof label, "delta %.16s-%.16s", delta->from, table->sha256);
	} else {
		manifest_table_object(table->sha256, name);
		snprintf(label, sizeof label, "table %.16s", table->sha256);
	}
	pull_fetch_clean(p->config, object.sha256);
	pull_fetch_object(p->config, &object, path, &fetched);
	p->record.octets += fetched.octets;
	p->outcome->retry_after_s = fetched.retry_after_s;
	if (fetched.class != ERROR_NONE)
		return fail_pull(p, fetched.class, -EIO, "", &fetched.why);
	*(delta ? &p->record.deltas : &p->record.tables) += 1;
	int status = pull_install(
		p->config, &p->offer.manifest, path, delta ? p->config->table : NULL, take_manifest, p, &why);
	unlink(path);
	if (status == 0)
		return 0;
	bool alarm = status == PULL_NAME_DECIDED_WRONGLY || status == PULL_HELD;
	return fail_pull(p, alarm ? ERROR_ALARM : error_class_from_code(status), status, label, &why);
}

/* A delta that fails is no reason to fail. */
static int take_table(struct pull *p)
{
	const struct manifest_delta *delta = choose_delta(p);
	if (strcmp(p->published, p->offer.manifest.table.sha256) == 0) {
		take_manifest(
			p); /* the same table under a newer manifest; or a pull that was cut off after it was published */
		return 0;
	}
	if (!delta)
		return install_object(p, NULL);
	int status = install_object(p, delta);
	if (status == 0 || p->class == ERROR_ALARM)
		return status;
	log_warning("%s; the whole table is fetched", p->why.text);
	p->class = ERROR_NONE;
	return install_object(p, NULL);
}

/* Whether `run` fetches what is offered now. Else the outcome says when. */
static bool is_time_to_fetch(struct pull *p)
{
	const struct pull_record *r = &p->record;
	bool again = r->offered_serial == p->offer.manifest.serial;
	uint64_t now = wall_now();
	if (!p->request->resident || strcmp(p->published, p->offer.manifest.table.sha256) == 0)
		return true;
	bool failed = again && r->offered_class != ERROR_NONE;
	if (failed && r->retry_at > now && r->retry_at <= now + MAX_PULL_RETRY_S) {
		p->class = r->offered_class;
		why_set(&p->why, 0, "%s", r->offered_error);
		return false;
	}
	if (p->request->ready || p->offer.manifest.urgent || !p->published[0])
		return true;
	p->outcome->end = PULL_WAITS;
	p->outcome->wait_ms = pull_window_ms(p->config->state, p->offer.manifest.serial,
		choose_delta(p) ? PULL_DELTA_SPREAD_S : PULL_TABLE_SPREAD_S);
	return false;
}

static void forget_offer(struct pull_record *r)
{
	r->offered_serial = r->offered_at = r->retry_at = r->tries = 0;
	r->offered_class = ERROR_NONE;
	r->offered_error[0] = '\0';
}

static void note_offer(struct pull *p)
{
	struct pull_record *r = &p->record;
	if (r->offered_serial == p->offer.manifest.serial)
		return;
	forget_offer(r);
	r->offered_serial = p->offer.manifest.serial;
	r->offered_at = wall_now();
}

/* The table that is offered cannot be had, or is no good. */
static void put_off_offer(struct pull *p)
{
	struct pull_record *r = &p->record;
	uint64_t wait = (uint64_t)PULL_RETRY_S << (r->tries < 5 ? r->tries : 5);
	r->retry_at = wall_now() + (wait < MAX_PULL_RETRY_S ? wait : MAX_PULL_RETRY_S);
	r->tries++;
	r->offered_class = p->class;
	snprintf(r->offered_error, sizeof r->offered_error, "%s", p->why.text);
}

static void take_offer(struct pull *p)
{
	struct why why;
	note_offer(p);
	int status = pull_check_held(p->config, &why);
	if (status != 0) {
		fail_pull(p, ERROR_ALARM, status, "", &why);
		return;
	}
	if (!is_time_to_fetch(p))
		return;
	if (take_table(p) == 0)
		forget_offer(&p->record);
	else if (pull_check_held(p->config, &why) == 0) /* a hold of meanwhile is asked for anew each time */
		put_off_offer(p);
}

/* ---- the whole ---- */

static void end_pull(struct pull *p)
{
	struct pull_record *r = &p->record;
	struct pull_outcome *outcome = p->outcome;
	struct why why;
	r->tried_at = wall_now();
	r->resident = p->request->resident;
	r->wakes += p->request->woken > 0;
	if (p->class == ERROR_NONE) {
		r->failed_at = r->failures = 0;
		if (outcome->end != PULL_WAITS)
			r->well_at = r->tried_at;
	} else {
		outcome->end = PULL_FAILED;
		outcome->news = r->failures == 0 || r->error_class != p->class;
		r->failures++;
		r->failed_at = r->failed_at > 0 ? r->failed_at : r->tried_at;
		r->refusals += p->class == ERROR_SIGNATURE || p->class == ERROR_ALARM || p->class == ERROR_FORMAT;
	}
	r->error_class = p->class;
	snprintf(r->error, sizeof r->error, "%s", p->class == ERROR_NONE ? "" : p->why.text);
	snprintf(outcome->error, sizeof outcome->error, "%s", r->error);
	outcome->serial = r->serial;
	if (pull_record_write(r, p->config->state, &why) < 0)
		log_warning("%s", why.text);
}

/* Fails without a word in the record. */
static void fail_unrecorded(const struct pull *p, const struct why *why)
{
	p->outcome->end = PULL_FAILED;
	p->outcome->news = true;
	snprintf(p->outcome->error, sizeof p->outcome->error, "%s", why->text);
}

static void pull_locked(struct pull *p)
{
	int status = pull_record_read(&p->record, p->config->state);
	if (status != 0 && status != -EBADMSG && status != -EFBIG) {
		fail_unrecorded(p, &p->record.unread); /* what it knows must not be lost */
		return;
	}
	if (status != 0)
		log_warning("%s; how high serials have come is not known any more", p->record.unread.text);
	pull_record_begin_clock(&p->record, p->config);
	fetch_resolve_by(p->config->resolves ? &p->config->resolver : NULL);
	fetch_keep_connections(); /* `latest` and the object are of one server */
	look_at_published(p);
	status = find_offer(p);
	if (status == PULL_IN_FORCE && p->offer.sent)
		note_latest(p);
	if (status == PULL_IN_FORCE && strcmp(p->published, p->record.table) != 0)
		status = PULL_MAY_COME; /* the file is gone, or another one */
	if (status == PULL_IN_FORCE)
		forget_offer(&p->record);
	if (status == PULL_MAY_COME)
		take_offer(p);
	if (p->record.offered_serial == 0)
		pull_fetch_clean(p->config, NULL);
	end_pull(p);
}

void pull(const struct config *config, const struct pull_request *request, struct pull_outcome *outcome)
{
	struct pull *p = xcalloc(1, sizeof *p);
	*outcome = (struct pull_outcome){.end = PULL_UNCHANGED};
	p->config = config;
	p->request = request;
	p->outcome = outcome;
	char path[4096];
	snprintf(path, sizeof path, "%s/pull.lock", config->state);
	int lock = file_lock_open(path, MODE_PRIVATE, NULL, &p->why);
	if (lock >= 0) {
		pull_locked(p);
		close(lock);
	} else {
		fail_unrecorded(p, &p->why);
	}
	free(p);
}
