/* SPDX-License-Identifier: BSD-3-Clause */
#include "feedsync/circle/sighting_directory.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "feedsync/base/atomic_dir.h"
#include "feedsync/base/atomic_file.h"
#include "feedsync/base/log.h"
#include "feedsync/base/wall_clock.h"
#include "feedsync/circle/release_directory.h"
#include "feedsync/circle/sign.h"
#include "libweir/errors.h"

enum { SETTLED_AT_ONCE = 1000, MAIN_FILE_PATH = RELEASE_PATH + FILE_NAME_ROOM };

/* A release under way. */
struct sighting_writing {
	const struct partner *partner;
	const struct sighting_way *way;
	struct sighting_files files;
	uint64_t now;
	uint32_t shown; /* serial of the release that is shown; 0 = none is */
};

/* ---- the store ---- */

/* Settles what is pending, all of which is shown. Returns 0 or a negative code with the reason. */
static int settle_shown(struct sighting_writing *w, struct sighting_outcome *outcome, struct why *why)
{
	struct sighting_batch batch = {.list = calloc(SETTLED_AT_ONCE, sizeof *batch.list), .most = SETTLED_AT_ONCE};
	const char *name = w->partner->name;
	int status = batch.list ? 0 : why_set(why, -ENOMEM, "out of memory");
	while (status == 0) {
		status = sighting_store_batch(w->files.store, name, "", &batch, why);
		if (status != 0 || batch.count == 0)
			break;
		for (size_t i = 0; i < batch.count; i++)
			batch.list[i].state = SIGHTING_SENT;
		batch.after = batch.list[batch.count - 1].id;
		status = sighting_store_settle(w->files.store, name, batch.list, batch.count, w->now, why);
		if (status == 0)
			outcome->sent += batch.count;
	}
	free(batch.list);
	return status;
}

/* From which day on the files tell: also what is pending of an earlier one. Sets whether anything is pending. */
static int choose_days(struct sighting_writing *w, bool *pending, struct why *why)
{
	struct sighting_files *files = &w->files;
	uint64_t oldest;
	int status = sighting_store_last_day(files->store, w->partner->name, &files->last, why);
	if (status == 0)
		status = sighting_store_oldest(files->store, w->partner->name, &oldest, why);
	if (status != 0)
		return status;
	files->first = files->last > SIGHTING_FILE_DAYS ? files->last - SIGHTING_FILE_DAYS + 1 : 0;
	*pending = oldest > 0;
	if (*pending && oldest < files->first)
		files->first = oldest;
	return 0;
}

/* ---- the release ---- */

static void write_main_path(const struct sighting_writing *w, const char *directory, char path[MAIN_FILE_PATH])
{
	snprintf(path, MAIN_FILE_PATH, "%s/%s", directory, w->way->main_file);
}

/* The time of a release is later than that of the one before, whatever the clock says: a signature must not be older. */
static void choose_time(struct sighting_writing *w)
{
	char directory[RELEASE_PATH], path[MAIN_FILE_PATH];
	struct stat st;
	release_directory_path(w->partner->directory, w->shown, directory);
	write_main_path(w, directory, path);
	w->files.at = w->now;
	if (w->shown > 0 && stat(path, &st) == 0 && (uint64_t)st.st_mtime >= w->now)
		w->files.at = (uint64_t)st.st_mtime + 1;
}

/* Whether what is rendered is what is shown already: the main file vouches for the others. */
static bool is_release_shown(const struct sighting_writing *w, const char *next)
{
	char directory[RELEASE_PATH], rendered[MAIN_FILE_PATH], shown[MAIN_FILE_PATH];
	release_directory_path(w->partner->directory, w->shown, directory);
	write_main_path(w, directory, shown);
	write_main_path(w, next, rendered);
	return w->shown > 0 && files_are_same(rendered, shown);
}

static int release_sightings(struct sighting_writing *w, const char *next, struct why *why)
{
	const char *to = w->partner->directory;
	const struct signing signing = {w->partner->sign_key_file, w->way->main_file, w->files.at, w->now};
	struct why unsynced = {.text = ""};
	int status = sign_file(&signing, next, why);
	if (status == 0)
		status = release_directory_settle(to, w->shown + 1, why);
	if (status == 0)
		status = release_directory_show(to, w->shown + 1, &unsynced, why);
	if (unsynced.text[0])
		log_warning("sightings %s: %s", w->partner->name, unsynced.text);
	if (status == 0)
		release_directory_prune(to, w->shown + 1);
	return status;
}

static int write_release(struct sighting_writing *w, struct why *why)
{
	char next[RELEASE_PATH];
	int status = release_directory_begin(w->partner->directory, next, why);
	if (status != 0)
		return status;
	choose_time(w);
	status = w->way->render(&w->files, next, why);
	if (status == 0 && !is_release_shown(w, next))
		status = release_sightings(w, next, why);
	atomic_dir_remove(next);
	return status;
}

int sightings_write(const struct config *config, const struct partner *partner, struct sighting_store *store,
	struct sighting_outcome *outcome, struct why *why)
{
	struct sighting_writing w = {.partner = partner,
		.way = sighting_way_find(partner->to),
		.files = {.organisation = &config->organisation, .partner = partner, .store = store},
		.now = wall_now()};
	struct why unwritten;
	bool pending;
	*outcome = (struct sighting_outcome){0};
	w.files.made = w.way->made;
	int status = choose_days(&w, &pending, why);
	if (status != 0 || w.files.last == 0)
		return status;
	int written = release_directory_current(partner->directory, &w.shown, &unwritten);
	if (written == 0 && (pending || w.shown == 0))
		written = write_release(&w, &unwritten);
	if (written == 0)
		return pending ? settle_shown(&w, outcome, why) : 0;
	outcome->failed++;
	outcome->error_class = error_class_from_code(written);
	snprintf(outcome->error, sizeof outcome->error, "%.250s", unwritten.text);
	return 0;
}
