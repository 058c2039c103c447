/* SPDX-License-Identifier: BSD-3-Clause */
#include "feedsync/circle/release.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "feedsync/base/atomic_dir.h"
#include "feedsync/base/atomic_file.h"
#include "feedsync/base/log.h"
#include "feedsync/circle/read_back.h"
#include "feedsync/circle/sign.h"
#include "libweir/errors.h"

/* ---- files that stay the same ---- */

/* Puts the file of the release before in the place of a new one that is the same, and that the same people can read. Some
 * disks have no links, or no more of this file: then the new one stays. */
static void reuse_file(const char *path, const char *old)
{
	char linked[OUTPUT_PATH + 8];
	struct stat new, before;
	if (!files_are_same(path, old) || stat(path, &new) != 0 || lstat(old, &before) != 0 ||
		new.st_mode != before.st_mode || new.st_uid != before.st_uid || new.st_gid != before.st_gid)
		return;
	snprintf(linked, sizeof linked, "%s.same", path);
	if (link(old, linked) == 0 && rename(linked, path) != 0)
		unlink(linked);
}

/* Reuses files, and syncs directories. `below` is the path within the release. */
static int settle_directory(const char *next, const char *current, const char *below, unsigned depth, struct why *why)
{
	char path[OUTPUT_PATH], old[OUTPUT_PATH], name[OUTPUT_PATH];
	struct stat st;
	snprintf(path, sizeof path, "%s%s", next, below);
	DIR *dir = opendir(path);
	int status = dir ? 0 : why_set(why, -errno, "%.150s: %s", path, error_text(-errno));
	for (struct dirent *entry; dir && status == 0 && (entry = readdir(dir));) {
		if (entry->d_name[0] == '.')
			continue;
		snprintf(name, sizeof name, "%s/%s", below, entry->d_name);
		snprintf(path, sizeof path, "%s%s", next, name);
		snprintf(old, sizeof old, "%s%s", current, name);
		if (lstat(path, &st) == 0 && S_ISDIR(st.st_mode))
			status = depth < 8 ? settle_directory(next, current, name, depth + 1, why) : -ELOOP;
		else
			reuse_file(path, old);
	}
	if (dir)
		closedir(dir);
	snprintf(path, sizeof path, "%s%s", next, below);
	return status == 0 ? directory_sync(path, why) : status;
}

/* ---- making ---- */

static void next_path(const struct output *output, char path[OUTPUT_PATH])
{
	snprintf(path, OUTPUT_PATH, "%s/next", output->to);
}

static int render_release(const struct release *release, const char *next, char sum[SHA256_TEXT], struct why *why)
{
	const struct rendering *rendering = rendering_find(release->output->format);
	char name[FILE_NAME_ROOM], path[OUTPUT_PATH + FILE_NAME_ROOM];
	int status = rendering->render(release, next, why);
	if (status == 0)
		status = read_back_check(release, next, why);
	if (status == 0)
		status = sign_release(release, next, why);
	if (status != 0)
		return status;
	rendering->main_file(release->output, name);
	snprintf(path, sizeof path, "%s/%s", next, name);
	return digest_sha256_file(sum, path, why);
}

int release_prepare(const struct release *release, const struct output_state *state, const char *state_directory,
	char sum[SHA256_TEXT], struct why *why)
{
	const struct output *output = release->output;
	char next[OUTPUT_PATH], current[OUTPUT_PATH], path[OUTPUT_PATH];
	sum[0] = '\0';
	int status = directory_create(output->to);
	if (status != 0)
		return why_set(why, status, "%.150s: %s", output->to, error_text(status));
	next_path(output, next);
	snprintf(current, sizeof current, "%s/current", output->to);
	output_release_path(output, release->serial, path);
	status = atomic_dir_begin(next, why);
	if (status == 0)
		status = render_release(release, next, sum, why);
	if (status == 0)
		status = settle_directory(next, current, "", 0, why);
	if (status == 0) {
		atomic_dir_remove(path); /* of an attempt that nobody saw */
		if (rename(next, path) != 0)
			status = why_set(why, -errno, "%.150s: %s", path, error_text(-errno));
	}
	if (status == 0)
		status = output_state_write(state, state_directory, output, why);
	if (status != 0)
		atomic_dir_remove(next);
	return status;
}

int release_show(const struct release *release, struct why *why)
{
	const struct output *output = release->output;
	char target[32], link_path[OUTPUT_PATH], current[OUTPUT_PATH];
	snprintf(target, sizeof target, "r%u", release->serial);
	snprintf(link_path, sizeof link_path, "%s/current.next", output->to);
	snprintf(current, sizeof current, "%s/current", output->to);
	int status = directory_sync(output->to, why);
	if (status != 0)
		return status;
	if ((unlink(link_path) != 0 && errno != ENOENT) || symlink(target, link_path) != 0 ||
		rename(link_path, current) != 0)
		return why_set(why, -errno, "%.150s: %s", current, error_text(-errno));
	/* Only the change of the link is not durable yet: a crash would bring back the old one. */
	struct why unsynced;
	if (directory_sync(output->to, &unsynced) != 0)
		log_warning("output %s: %s", output->name, unsynced.text);
	return 0;
}

void release_prune(const struct output *output, uint32_t serial)
{
	DIR *dir = opendir(output->to);
	if (!dir)
		return;
	for (struct dirent *entry; (entry = readdir(dir));) {
		uint64_t number = output_release_serial(entry->d_name);
		if (number > 0 && (number + RELEASES_KEPT <= serial || number > serial))
			atomic_dir_remove_at(dirfd(dir), entry->d_name);
	}
	closedir(dir);
}
