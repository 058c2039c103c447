/* SPDX-License-Identifier: BSD-3-Clause */
#include "feedsync/fleet/pull_offer.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "feedsync/base/xalloc.h"
#include "feedsync/config/configuration.h"
#include "feedsync/fleet/pull_fetch.h"
#include "feedsync/fleet/pull_judge.h"

/* Notes why there is no offer. Returns `code`. */
static int refuse_offer(
	struct pull_offer *offer, enum error_class class, int code, const char *name, const struct why *why)
{
	offer->class = class;
	return why_set(&offer->why, code, "%s: %.200s", name, why->text);
}

static enum error_class class_of_manifest(int code)
{
	switch (code) {
	case -ENOMEM: return ERROR_MEMORY;
	case WEIR_EVERSION: return ERROR_FORMAT;
	case -EXDEV: return ERROR_ALARM;
	default: return ERROR_SIGNATURE;
	}
}

/* Reads a manifest, and judges it. Returns as pull_judge does. */
static int judge_manifest(struct pull_offer *offer, const struct pull_known *known, const char *name,
	const struct pull_manifest_file *file, uint64_t server_time)
{
	const struct pull_config *pull = &known->config->pull;
	const struct pull_record *record = known->record;
	struct why why;
	bool same_place = strcmp(record->url, pull->url) == 0;
	const struct manifest_trust trust = {pull->key, pull->key_count, same_place ? record->channel : ""};
	int status = manifest_read(&offer->manifest, file->octets, file->length, &trust, &why);
	if (status != 0)
		return refuse_offer(offer, class_of_manifest(status), status, name, &why);
	minisign_key_number(&pull->key[offer->manifest.key], offer->key);
	digest_sha256(offer->digest, file->octets, file->length);
	const struct pull_question question = {
		record, &offer->manifest, offer->key, offer->digest, wall_now(), server_time};
	status = pull_judge(&question, &why);
	return status < 0 ? refuse_offer(offer, ERROR_ALARM, status, name, &why) : status;
}

static void hear_server_clock(const struct pull_known *known, uint64_t server_time)
{
	const struct wall_voice voice = {known->config->pull.url, (int64_t)time(NULL) - (int64_t)server_time};
	if (server_time > 0)
		wall_hear(&voice, 1);
}

/* Fetches a manifest and judges it. `held`, or NULL: the version of it that is in force. Returns as pull_judge does. */
static int get_manifest(
	struct pull_offer *offer, const struct pull_known *known, const char *name, const struct pull_record *held)
{
	struct pull_manifest_file file;
	struct pull_fetched fetched;
	int status = PULL_IN_FORCE;
	*offer = (struct pull_offer){.class = ERROR_NONE};
	pull_fetch_manifest(known->config, name, held, &file, &fetched);
	hear_server_clock(known, fetched.server_time);
	offer->octets = fetched.octets;
	offer->retry_after_s = fetched.retry_after_s;
	offer->sent = file.octets != NULL;
	snprintf(offer->etag, sizeof offer->etag, "%s", file.etag);
	snprintf(offer->last_modified, sizeof offer->last_modified, "%s", file.last_modified);
	if (fetched.class != ERROR_NONE) {
		offer->class = fetched.class;
		status = why_set(&offer->why, -EIO, "%s", fetched.why.text);
	} else if (!file.unchanged) {
		status = judge_manifest(offer, known, name, &file, fetched.server_time);
	}
	free(file.octets);
	return status;
}

/* The serial that is worth asking for by its own name, as `latest` lags; 0 = none is. `status`: what became of `latest`. */
static uint64_t find_serial_behind(const struct pull_offer *latest, const struct pull_known *known, int status)
{
	const struct pull_floor *floor = pull_record_floor(known->record, latest->key, latest->manifest.channel);
	uint64_t shown = status == PULL_IN_FORCE ? known->record->serial : latest->manifest.serial, next = known->woken;
	if (status == -ESTALE && floor && shown < floor->serial) {
		shown = floor->serial;
		next = next > shown ? next : shown + 1;
	} else if (status < 0) {
		return 0;
	}
	return next > shown && next <= MANIFEST_MAX_SERIAL ? next : 0;
}

int pull_offer_find(struct pull_offer *offer, const struct pull_known *known)
{
	char name[MANIFEST_OBJECT_TEXT];
	int status = get_manifest(offer, known, MANIFEST_LATEST, known->holds ? known->record : NULL);
	uint64_t serial = find_serial_behind(offer, known, status);
	if (serial == 0)
		return status;
	struct pull_offer *behind = xcalloc(1, sizeof *behind);
	int found = get_manifest(behind, known, manifest_object(serial, name), NULL);
	behind->octets += offer->octets;
	if (found == PULL_MAY_COME) {
		*offer = *behind;
		offer->etag[0] = offer->last_modified[0] = '\0';
		status = found;
	}
	offer->octets = behind->octets;
	free(behind);
	return status;
}
