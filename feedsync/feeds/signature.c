/* SPDX-License-Identifier: BSD-3-Clause */
#include "feedsync/feeds/signature.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "feedsync/base/atomic_dir.h"
#include "feedsync/base/atomic_file.h"
#include "feedsync/base/maxima.h"
#include "feedsync/base/url.h"
#include "feedsync/base/wall_clock.h"
#include "feedsync/base/xalloc.h"
#include "feedsync/net/fetch_all.h"
#include "feedsync/net/minisign.h"
#include "feedsync/net/server_trust.h"
#include "libweir/errors.h"

#define SIGNATURE_NAME "manifest.json.minisig" /* of a version of a MISP feed, beside its manifest */

bool signature_is_current(const struct feed *feed)
{
	char key[17];
	const struct trust *trust = &feed->config->trust;
	return !trust->is_signed || strcmp(feed->record.signer, minisign_key_number(&trust->signer, key)) == 0;
}

void signature_accept(struct feed *feed)
{
	const struct trust *trust = &feed->config->trust;
	feed->record.signed_at = trust->is_signed ? feed->run.new_signed_at : 0;
	feed->record.signer[0] = '\0';
	if (trust->is_signed)
		minisign_key_number(&trust->signer, feed->record.signer);
}

bool signature_is_old(uint64_t signed_at, uint32_t max_age_s, uint64_t now)
{
	return signed_at > 0 && max_age_s > 0 && signed_at + max_age_s < now;
}

/* ---- reading ---- */

static int read_signature(struct minisign *signature, const char *path, struct why *why)
{
	char text[MINISIGN_MAX_SIGNATURE + 1];
	FILE *in = fopen(path, "re");
	size_t length = in ? fread(text, 1, sizeof text, in) : 0;
	int status = !in || ferror(in) ? -errno : 0;
	if (in)
		fclose(in);
	return status == 0 ? minisign_read(signature, text, length, why)
			   : why_set(why, status, "%s", error_text(status));
}

/* Reads a document into a check: in pieces, or whole where its signature wants that. */
static int hash_document(struct minisign_check *check, bool whole, FILE *in, struct why *why)
{
	size_t room = 65536;
	if (whole) {
		if (fseeko(in, 0, SEEK_END) != 0)
			return why_set(why, -errno, "%s", error_text(-errno));
		room = (size_t)ftello(in) + 1;
		rewind(in);
	}
	uint8_t *buffer = malloc(room);
	if (!buffer)
		return why_set(why, -ENOMEM, "out of memory");
	size_t n;
	do {
		n = fread(buffer, 1, room, in);
		minisign_update(check, buffer, n);
	} while (!whole && n > 0);
	free(buffer);
	return ferror(in) ? why_set(why, -EIO, "cannot read the document") : 0;
}

static int verify_document(
	const struct minisign *signature, const struct minisign_key *key, const char *path, struct why *why)
{
	struct why reason;
	struct minisign_check *check = minisign_begin(signature, key, why);
	if (!check)
		return -EBADMSG;
	FILE *in = fopen(path, "re");
	int read =
		in ? hash_document(check, signature->whole, in, why) : why_set(why, -errno, "%s", error_text(-errno));
	if (in)
		fclose(in);
	int status = minisign_end(&check, read == 0 ? why : &reason);
	return read == 0 ? status : read;
}

/* Checks the signature at `path` of the document at `document` by the feed's key. */
static int check_signature_file(
	struct minisign *signature, const struct feed *feed, const char *path, const char *document, struct why *why)
{
	int status = read_signature(signature, path, why);
	return status == 0 ? verify_document(signature, &feed->config->trust.signer, document, why) : status;
}

/* ---- the one in the good version ---- */

void signature_path(const char *version, char path[4096])
{
	snprintf(path, 4096, "%s/" SIGNATURE_NAME, version);
}

static void fetched_signature_path(const struct feed *feed, char path[4096])
{
	snprintf(path, 4096, "%s/new-signature", feed->directory);
}

bool signature_is_in_good(const struct feed *feed, uint64_t *signed_at)
{
	char path[4096], manifest[4096];
	struct why why;
	if (!feed->config->trust.is_signed)
		return false;
	signature_path(feed->good, path);
	snprintf(manifest, sizeof manifest, "%s/manifest.json", feed->good);
	struct minisign *signature = xcalloc(1, sizeof *signature);
	bool good = check_signature_file(signature, feed, path, manifest, &why) == 0;
	*signed_at = good ? signature->time : 0;
	free(signature);
	return good;
}

void signature_recall(struct feed *feed)
{
	uint64_t signed_at;
	if (feed->config->format->layout != LAYOUT_EVENTS || signature_is_current(feed) ||
		!signature_is_in_good(feed, &signed_at))
		return;
	feed->record.signed_at = signed_at;
	minisign_key_number(&feed->config->trust.signer, feed->record.signer);
}

int signature_put(const struct feed *feed, bool fetched, struct why *why)
{
	char from[4096], to[4096];
	if (!feed->config->trust.is_signed)
		return 0;
	if (fetched) {
		fetched_signature_path(feed, from);
		signature_path(feed->next, to);
		return atomic_file_replace_unsynced(from, to, why);
	}
	int status = atomic_dir_link(feed->good, SIGNATURE_NAME, feed->next, SIGNATURE_NAME);
	if (status != 0 && status != -ENOENT)
		return why_set(why, status, "cannot use %.180s/" SIGNATURE_NAME ": %s", feed->good, error_text(status));
	return 0;
}

/* ---- what it says ---- */

/* The file's name in a URL: the text behind the last slash of its path. */
static void file_name(const char *url, char name[URL_MAX + 1])
{
	const char *scheme = strstr(url, "://"), *host = scheme ? scheme + 3 : url;
	size_t length = strcspn(host, "?#");
	const char *slash = memrchr(host, '/', length);
	const char *start = slash ? slash + 1 : host + length;
	snprintf(name, URL_MAX + 1, "%.*s", (int)(host + length - start), start);
}

/* Whether a good signature belongs to this feed's document, which is at `url`, now: it must not be an old one, nor another file's. */
static int check_claims(struct feed *feed, const char *url, const struct minisign *signature, struct why *why)
{
	char name[URL_MAX + 1];
	file_name(url, name);
	if (signature->file[0] && strcmp(signature->file, name) != 0)
		return why_set(why, -EBADMSG, "it is of the file %.80s, not of %.80s", signature->file, name);
	if (signature_is_current(feed) && signature->time < feed->record.signed_at)
		return why_set(why, -EBADMSG,
			"it is older than the last one: made at %llu, that at %llu (rolled back?)",
			(unsigned long long)signature->time, (unsigned long long)feed->record.signed_at);
	if (signature->time > wall_now() + ONE_DAY_S)
		return why_set(
			why, -EBADMSG, "made at %llu, which is yet to come", (unsigned long long)signature->time);
	feed->run.new_signed_at = signature->time;
	return 0;
}

static int judge_signature(struct feed *feed, const struct fetch *document, const struct fetch *file, struct why *why)
{
	if (file->status != FETCH_OK)
		return why_set(why, -EBADMSG, "%s", file->error);
	struct minisign *signature = xcalloc(1, sizeof *signature);
	int status = check_signature_file(signature, feed, file->path, document->path, why);
	if (status == 0)
		status = check_claims(feed, document->url, signature, why);
	free(signature);
	return status;
}

/* ---- fetching ---- */

/* The URL of the signature: the configured one, or ".minisig" behind the path of the document's URL. A query stays
 * behind it. */
static int signature_url(const struct fetch *document, char url[URL_MAX + 1])
{
	const char *configured = document->trust->signature;
	size_t length = strcspn(document->url, "?#");
	int written = configured ? snprintf(url, URL_MAX + 1, "%s", configured)
				 : snprintf(url, URL_MAX + 1, "%.*s.minisig%s", (int)length, document->url,
					   document->url + length);
	return written > URL_MAX ? -ENAMETOOLONG : 0;
}

static void prepare_signature_request(const struct feed *feed, const struct fetch *document, struct fetch *fetch)
{
	fetch->trust = document->trust;
	fetch->access = document->access;
	if (signature_url(document, fetch->url) != 0)
		fetch->url[0] = '\0'; /* cannot be asked for, and says so */
	fetched_signature_path(feed, fetch->path);
}

void signature_check(struct feed *feed, struct fetch *document, time_t deadline)
{
	struct why why;
	char text[sizeof why.text + 16];
	if (document->status != FETCH_OK || !feed->config->trust.is_signed)
		return;
	struct fetch *file = xcalloc(1, sizeof *file);
	prepare_signature_request(feed, document, file);
	fetch_all(file, 1, deadline);
	bool good = judge_signature(feed, document, file, &why) == 0;
	if (!good) {
		document->retry_after_s = file->retry_after_s;
		snprintf(text, sizeof text, "signature: %s", why.text);
		fetch_give_up(document, FETCH_FAILED,
			file->status == FETCH_FAILED ? file->error_class : ERROR_SIGNATURE, text);
		unlink(document->path);
	}
	if (file->status == FETCH_OK && !(good && feed->config->format->layout == LAYOUT_EVENTS))
		unlink(file->path);
	free(file);
}
