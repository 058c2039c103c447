/* SPDX-License-Identifier: BSD-3-Clause */
/* A directory as a target: a web root, NFS, what rsync copies from. An object appears by rename(2) or link(2), whole and
 * synced; so who reads at any moment, also after a crash, sees whole objects only. link(2) fails where something is, also
 * over NFS: that is what makes one of two compilers win. Where there are no links there must be no second compiler. */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "feedsync/base/act_as_owner.h"
#include "feedsync/base/atomic_file.h"
#include "feedsync/base/digest.h"
#include "feedsync/base/whole_text.h"
#include "feedsync/base/whole_write.h"
#include "feedsync/base/xalloc.h"
#include "feedsync/fleet/target.h"
#include "libweir/errors.h"

static int object_path(const struct target *target, const char *name, char path[PATH_MAX], struct why *why)
{
	int length = snprintf(path, PATH_MAX, "%s/%s", target->channel->to, name);
	return length < PATH_MAX ? 0 : why_set(why, -ENAMETOOLONG, "%s: path too long", target->channel->to);
}

static int get_file(struct target *target, const char *name, char **octets, size_t *length, struct why *why)
{
	char path[PATH_MAX];
	struct why reason;
	struct owner_visit visit;
	*octets = NULL;
	int status = object_path(target, name, path, why);
	if (status == 0)
		status = owner_enter_path(&visit, path, why);
	if (status != 0)
		return status;
	status = whole_text_load(octets, length, path, target->most, &reason);
	owner_leave(&visit);
	return status == 0 ? 0 : why_set(why, status, "%.150s: %.90s", path, reason.text);
}

static int has_file(struct target *target, const char *name, const struct packed_object *object, struct why *why)
{
	char path[PATH_MAX], sha256[SHA256_TEXT];
	struct owner_visit visit;
	struct stat st;
	int status = object_path(target, name, path, why);
	if (status == 0)
		status = owner_enter_path(&visit, path, why);
	if (status != 0)
		return status;
	bool same = stat(path, &st) == 0 && (uint64_t)st.st_size == object->size &&
		    digest_sha256_file(sha256, path, NULL) == 0 && strcmp(sha256, object->sha256) == 0;
	owner_leave(&visit);
	return same;
}

static int copy_octets(int from, int to)
{
	char buffer[65536];
	ssize_t n;
	int status = 0;
	while (status == 0 && (n = read(from, buffer, sizeof buffer)) != 0) {
		if (n > 0)
			status = whole_write(to, buffer, (size_t)n);
		else if (errno != EINTR)
			status = -errno;
	}
	return status;
}

/* Whether a commit has put the file in its place: then whether a crash could take it back matters, too, since what names it
 * follows. */
static int insist_on_durability(int status)
{
	return status == DURABILITY_UNCERTAIN ? -EIO : status;
}

static int put_file(struct target *target, const char *name, const struct packed_object *object, struct why *why)
{
	struct atomic_file file;
	char path[PATH_MAX];
	int status = object_path(target, name, path, why);
	int from = status == 0 ? open(object->path, O_RDONLY | O_CLOEXEC) : -1;
	if (status == 0 && from < 0)
		status = why_set(why, -errno, "%.150s: %s", object->path, error_text(-errno));
	if (status == 0)
		status = atomic_file_begin(&file, path, MODE_PUBLIC, why);
	if (status == 0) {
		status = copy_octets(from, file.fd);
		if (status != 0) {
			atomic_file_abort(&file);
			why_set(why, status, "cannot write %.150s: %s", path, error_text(status));
		} else {
			status = insist_on_durability(atomic_file_commit(&file, why));
		}
	}
	if (from >= 0)
		close(from);
	return status;
}

static int replace_file(struct target *target, const char *name, const char *octets, size_t length, struct why *why)
{
	char path[PATH_MAX];
	int status = object_path(target, name, path, why);
	return status == 0 ? insist_on_durability(atomic_file_write(path, MODE_PUBLIC, octets, length, why)) : status;
}

static int create_object_file(
	struct target *target, const char *name, const char *octets, size_t length, struct why *why)
{
	char path[PATH_MAX];
	int status = object_path(target, name, path, why);
	if (status == 0)
		status = insist_on_durability(atomic_file_create(path, MODE_PUBLIC, octets, length, why));
	if (status != -ENOTSUP)
		return status;
	return why_set(why, status,
		"%.100s: the file system has no hard links, so nothing can be created exclusively there; if no other "
		"compiler ever publishes there: \"single-writer: yes\"",
		target->channel->to);
}

static int remove_file(struct target *target, const char *name, struct why *why)
{
	char path[PATH_MAX];
	struct owner_visit visit;
	int status = object_path(target, name, path, why);
	if (status == 0)
		status = owner_enter_path(&visit, path, why);
	if (status != 0)
		return status;
	status = unlink(path) == 0 || errno == ENOENT ? 0 : -errno;
	owner_leave(&visit);
	return status == 0 ? 0 : why_set(why, status, "cannot remove %.150s: %s", path, error_text(status));
}

static void close_directory(struct target *target)
{
	free(target);
}

/* Makes a folder, and removes what runs that have died were writing there. */
static int prepare_folder(const char *to, const char *folder, mode_t mode, struct why *why)
{
	char path[PATH_MAX];
	struct owner_visit visit;
	if (snprintf(path, sizeof path, "%s%s%s", to, folder[0] ? "/" : "", folder) >= PATH_MAX)
		return why_set(why, -ENAMETOOLONG, "%s: path too long", to);
	int status = owner_enter_path(&visit, path, why);
	if (status != 0)
		return status;
	status = mkdir(path, mode) == 0 || errno == EEXIST ? 0 : -errno;
	if (status == 0)
		atomic_file_sweep(path);
	owner_leave(&visit);
	return status == 0 ? 0 : why_set(why, status, "cannot create %.150s: %s", path, error_text(status));
}

static int prepare_folders(const struct channel *channel, struct why *why)
{
	static const char *const of_channel[] = {"tables", "deltas", "manifests", NULL};
	const char *const *folders = channel->folders ? channel->folders : of_channel;
	const mode_t mode = channel->folders ? MODE_DIRECTORY : 0755;
	int status = prepare_folder(channel->to, "", mode, why);
	for (; status == 0 && *folders; folders++)
		status = prepare_folder(channel->to, *folders, mode, why);
	return status;
}

int target_directory_open(struct target **target, const struct channel *channel, struct why *why)
{
	static const struct target_kind_row row = {
		get_file, has_file, put_file, replace_file, create_object_file, remove_file, close_directory};
	int status = prepare_folders(channel, why);
	if (status != 0)
		return status;
	*target = xcalloc(1, sizeof **target);
	**target = (struct target){.row = &row, .channel = channel};
	return 0;
}
