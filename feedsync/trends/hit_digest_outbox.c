/* SPDX-License-Identifier: BSD-3-Clause */
/* A digest is noted as made in one transaction, and shows itself by a rename behind that: what a crash leaves between the two is
 * renamed the next time. So no hour is told twice in two ways. */
#include "feedsync/trends/hit_digest_outbox.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "feedsync/base/atomic_file.h"
#include "feedsync/base/log.h"
#include "feedsync/base/maxima.h"
#include "feedsync/base/timestamp.h"
#include "feedsync/config/configuration.h"
#include "feedsync/trends/hit_digest_store.h"
#include "libweir/errors.h"

enum { HOUR_S = 3600 };
#define MADE ".made" /* behind the name of one that is not noted yet */

const char *hit_digest_path(const char *state, uint64_t hour, char path[4096])
{
	char text[HIT_DIGEST_HOUR_TEXT];
	snprintf(path, 4096, "%s/" HIT_DIGEST_FOLDER "/%s", state, hit_digest_hour(hour, text));
	return path;
}

/* Reads the name of a file as an hour. Returns whether it is one. */
static bool read_file_hour(const char *name, uint64_t *hour)
{
	char text[HIT_DIGEST_HOUR_TEXT + 8], again[HIT_DIGEST_HOUR_TEXT];
	uint64_t time;
	if (strlen(name) != HIT_DIGEST_HOUR_TEXT - 3)
		return false;
	int length = snprintf(text, sizeof text, "%s:00", name);
	if (!timestamp_read(text, (size_t)length, &time))
		return false;
	*hour = time / HOUR_S;
	return strcmp(hit_digest_hour(*hour, again), name) == 0;
}

/* The oldest hour that waits, and how many wait. */
static size_t count_waiting(const char *state, uint64_t *oldest)
{
	char path[4096];
	size_t count = 0;
	snprintf(path, sizeof path, "%s/" HIT_DIGEST_FOLDER, state);
	DIR *dir = opendir(path);
	for (struct dirent *entry; dir && (entry = readdir(dir));) {
		uint64_t hour;
		if (!read_file_hour(entry->d_name, &hour))
			continue;
		if (count++ == 0 || hour < *oldest)
			*oldest = hour;
	}
	if (dir)
		closedir(dir);
	return count;
}

bool hit_digest_oldest(const char *state, uint64_t *hour)
{
	return count_waiting(state, hour) > 0;
}

static void drop_oldest(const char *state)
{
	uint64_t oldest;
	char path[4096], text[HIT_DIGEST_HOUR_TEXT];
	while (count_waiting(state, &oldest) > HIT_DIGEST_HOURS) {
		if (unlink(hit_digest_path(state, oldest, path)) != 0)
			return;
		log_warning("trends: the digest of %s could not be sent for a week, and is gone",
			hit_digest_hour(oldest, text));
	}
}

/* Shows a digest that is noted. What is not there was shown before. */
static int show_digest(const char *state, uint64_t hour, struct why *why)
{
	char path[4096], made[4096 + sizeof MADE];
	hit_digest_path(state, hour, path);
	snprintf(made, sizeof made, "%s" MADE, path);
	if (rename(made, path) == 0 || errno == ENOENT)
		return 0;
	return why_set(why, -errno, "%.200s: %s", path, error_text(-errno));
}

static int make_hour(struct trends *trends, const struct config *config, uint64_t hour, struct why *why)
{
	const struct trends_config *settings = &config->trends;
	char path[4096], made[4096 + sizeof MADE], *text;
	size_t length;
	snprintf(made, sizeof made, "%s" MADE, hit_digest_path(config->state, hour, path));
	int status = hit_digest_make(&text, &length, trends, settings->digest_name, hour, settings->min_clients, why);
	if (status != 0)
		return status;
	status = atomic_file_write(made, MODE_PRIVATE, text, length, why);
	const struct hit_document document = {settings->digest_name, hour, text, length};
	if (status >= 0)
		status = hit_digest_note_made(trends, &document, why);
	free(text);
	return status == 0 ? show_digest(config->state, hour, why) : status;
}

int hit_digests_make_due(struct trends *trends, const struct config *config, uint64_t hour, struct why *why)
{
	char path[4096];
	uint64_t next = 0;
	if (!config->trends.digest_name)
		return 0;
	snprintf(path, sizeof path, "%s/" HIT_DIGEST_FOLDER, config->state);
	int status = directory_create(path);
	if (status != 0)
		return why_set(why, status, "%.200s: %s", path, error_text(status));
	status = hit_digest_prepare(trends, why);
	if (status == 0)
		status = hit_digest_next(trends, &next, why);
	/* A clock that was far ahead has gone back: hours are told from now on. */
	if (status == 0 && (next == 0 || next > hour + 1))
		return hit_digest_begin_at(trends, hour, why);
	if (status == 0 && next > 0)
		status = show_digest(config->state, next - 1, why);
	if (next + HIT_DIGEST_MISSED < hour)
		next = hour - HIT_DIGEST_MISSED;
	for (; status == 0 && next < hour; next++)
		status = make_hour(trends, config, next, why);
	drop_oldest(config->state);
	return status;
}
