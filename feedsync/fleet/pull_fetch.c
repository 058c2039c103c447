/* SPDX-License-Identifier: BSD-3-Clause */
#include "feedsync/fleet/pull_fetch.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "feedsync/base/atomic_file.h"
#include "feedsync/base/clock.h"
#include "feedsync/base/digest.h"
#include "feedsync/base/maxima.h"
#include "feedsync/base/whole_text.h"
#include "feedsync/base/xalloc.h"
#include "feedsync/config/configuration.h"
#include "feedsync/fleet/pull_record.h"
#include "feedsync/net/fetch_all.h"

static void pull_path(const struct config *config, const char *file, char path[4096])
{
	snprintf(path, 4096, "%s/pull%s%s", config->state, file[0] ? "/" : "", file);
}

static void fail_fetch(struct pull_fetched *fetched, enum error_class class, const char *object, const char *reason)
{
	fetched->class = class;
	why_set(&fetched->why, 0, "%s: %s", object, reason);
}

/* Fetches an object into a file. Returns the fetch, to be freed. */
static struct fetch *fetch_object(const struct config *config, const struct pull_object *object, const char *file,
	struct fetch asked, time_t deadline, struct pull_fetched *fetched)
{
	struct fetch *fetch = xcalloc(1, sizeof *fetch);
	*fetch = asked;
	fetch->trust = &config->pull.trust;
	fetch->stays = true;
	pull_path(config, "", fetch->path);
	int status = directory_create(fetch->path);
	pull_path(config, file, fetch->path);
	if (status != 0)
		fetch_give_up(fetch, FETCH_FAILED, ERROR_DISK, error_text(status));
	else if (url_below(config->pull.url, object->name, fetch->url) != 0)
		fetch_give_up(fetch, FETCH_FAILED, ERROR_HTTP, "its URL is too long");
	else
		fetch_all(fetch, 1, deadline);
	*fetched = (struct pull_fetched){.octets = fetch->octets, .retry_after_s = fetch->retry_after_s};
	if (fetch->dated)
		fetched->server_time = (uint64_t)(time(NULL) - fetch->ahead);
	if (fetch->status == FETCH_FAILED || fetch->status == FETCH_MISSING)
		fail_fetch(fetched, fetch->error_class, object->label, fetch->error);
	return fetch;
}

void pull_fetch_manifest(const struct config *config, const char *name, const struct pull_record *known,
	struct pull_manifest_file *file, struct pull_fetched *fetched)
{
	const struct pull_object manifest = {name, name, NULL, 0};
	struct fetch asked = {.most = MANIFEST_MAX};
	struct why why;
	if (known) {
		snprintf(asked.etag, sizeof asked.etag, "%s", known->etag);
		snprintf(asked.last_modified, sizeof asked.last_modified, "%s", known->last_modified);
	}
	*file = (struct pull_manifest_file){0};
	struct fetch *fetch = fetch_object(config, &manifest, "manifest", asked, clock_s() + PULL_LOOK_S, fetched);
	file->unchanged = fetch->status == FETCH_UNCHANGED;
	snprintf(file->etag, sizeof file->etag, "%s", fetch->new_etag);
	snprintf(file->last_modified, sizeof file->last_modified, "%s", fetch->new_last_modified);
	if (fetch->status == FETCH_OK) {
		int status = whole_text_load(&file->octets, &file->length, fetch->path, MANIFEST_MAX, &why);
		if (status != 0)
			fail_fetch(fetched, error_class_from_code(status), name, why.text);
		unlink(fetch->path);
	}
	free(fetch);
}

/* Whether a file is the object. Else the reason is set, and the file is gone. */
static bool is_object(const struct pull_object *object, const char *path, struct pull_fetched *fetched)
{
	char digest[SHA256_TEXT];
	struct stat st;
	struct why why;
	int status = digest_sha256_file(digest, path, &why);
	if (status == 0 && strcmp(digest, object->sha256) == 0 && stat(path, &st) == 0 &&
		(uint64_t)st.st_size == object->size)
		return true;
	if (status != 0)
		fail_fetch(fetched, error_class_from_code(status), object->label, why.text);
	else
		fail_fetch(fetched, ERROR_FORMAT, object->label,
			"it is not what the manifest says: its length or SHA-256 differs");
	unlink(path);
	return false;
}

void pull_fetch_object(
	const struct config *config, const struct pull_object *object, char path[4096], struct pull_fetched *fetched)
{
	struct stat st;
	const struct fetch asked = {.most = object->size, .resumes = true};
	pull_path(config, object->sha256, path);
	bool part = stat(path, &st) == 0;
	*fetched = (struct pull_fetched){0};
	if (part && (uint64_t)st.st_size == object->size && is_object(object, path, fetched))
		return;
	for (unsigned tries = 0; tries < 2; tries++) {
		struct fetch *fetch = fetch_object(config, object, object->sha256, asked, fetch_deadline(), fetched);
		bool came = fetch->status == FETCH_OK, again = part && fetch->http == 416;
		free(fetch);
		if (came && is_object(object, path, fetched))
			return;
		/* What was there before may be of another document. */
		if (!part || (!came && !again))
			return;
		part = false;
	}
}

void pull_fetch_clean(const struct config *config, const char *sha256)
{
	char path[4096];
	pull_path(config, "", path);
	DIR *dir = opendir(path);
	for (struct dirent *entry; dir && (entry = readdir(dir));)
		if (entry->d_name[0] != '.' && (!sha256 || strcmp(entry->d_name, sha256) != 0))
			unlinkat(dirfd(dir), entry->d_name, 0);
	if (dir)
		closedir(dir);
}
