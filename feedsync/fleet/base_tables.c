/* SPDX-License-Identifier: BSD-3-Clause */
#include "feedsync/fleet/base_tables.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "feedsync/base/act_as_owner.h"
#include "feedsync/base/atomic_file.h"
#include "feedsync/base/file_lock.h"
#include "feedsync/base/log.h"
#include "feedsync/publish/archive.h"
#include "libweir/errors.h"
#include "libweir/table.h"

static void bases_directory(const char *folder, char path[PATH_MAX])
{
	snprintf(path, PATH_MAX, "%s/bases", folder);
}

const char *base_table_path(const char *folder, const struct base_table *base, char path[PATH_MAX])
{
	snprintf(path, PATH_MAX, "%s/bases/%020" PRIu64 "-%s.weir", folder, base->generation, base->sha256);
	return path;
}

/* Reads "<20 digits>-<SHA-256>.weir". Returns whether it is that. */
static bool read_base_name(const char *name, struct base_table *base)
{
	enum { DIGITS = 20, LENGTH = DIGITS + 1 + SHA256_TEXT - 1 + 5 };
	if (strlen(name) != LENGTH || strspn(name, "0123456789") != DIGITS || name[DIGITS] != '-' ||
		strcmp(name + LENGTH - 5, ".weir") != 0)
		return false;
	base->generation = strtoull(name, NULL, 10);
	snprintf(base->sha256, sizeof base->sha256, "%.64s", name + DIGITS + 1);
	return manifest_digest_valid(base->sha256);
}

static size_t insert_base(struct base_table *list, size_t count, const struct base_table *base)
{
	size_t at = 0;
	while (at < count && list[at].generation > base->generation)
		at++;
	if (at == 2 * BASE_TABLES)
		return count;
	count -= count == 2 * BASE_TABLES;
	memmove(list + at + 1, list + at, (count - at) * sizeof *list);
	list[at] = *base;
	return count + 1;
}

size_t base_tables_list(const char *folder, struct base_table list[2 * BASE_TABLES])
{
	char path[PATH_MAX];
	struct base_table base;
	size_t count = 0;
	bases_directory(folder, path);
	DIR *dir = opendir(path);
	for (struct dirent *entry; dir && (entry = readdir(dir));)
		if (read_base_name(entry->d_name, &base))
			count = insert_base(list, count, &base);
	if (dir)
		closedir(dir);
	return count;
}

/* ---- adding ---- */

int base_tables_lock(const char *folder, struct why *why)
{
	static const char *const folders[] = {"bases", "tables", "deltas"};
	char path[PATH_MAX];
	for (unsigned i = 0; i < sizeof folders / sizeof *folders; i++) {
		snprintf(path, sizeof path, "%s/%s", folder, folders[i]);
		int status = directory_create(path);
		if (status != 0)
			return why_set(why, status, "cannot create %.150s: %s", path, error_text(status));
	}
	snprintf(path, sizeof path, "%s/lock", folder);
	return file_lock_open(path, MODE_PRIVATE, NULL, why);
}

/* Another name of the table, or a copy where that cannot be: another file system, another user's file. */
static int link_or_copy_table(const char *table, const char *path, struct why *why)
{
	struct owner_visit visit;
	struct why reason;
	unlink(path);
	if (linkat(AT_FDCWD, table, AT_FDCWD, path, AT_SYMLINK_FOLLOW) == 0)
		return 0;
	int status = owner_enter_path(&visit, table, why);
	if (status != 0)
		return status;
	int from = open(table, O_RDONLY | O_CLOEXEC | O_NONBLOCK), error = errno; /* as table_open does */
	owner_leave(&visit);
	if (from < 0)
		return why_set(why, -error, "%.150s: %s", table, error_text(-error));
	status = archive_copy(from, path, 0, 0, &reason);
	close(from);
	return status >= 0 ? 0 : why_set(why, status, "cannot copy %.100s: %.130s", table, reason.text);
}

static int describe_table(const char *path, struct manifest_table *described, struct why *why)
{
	struct table *table;
	struct why reason;
	int status = table_open(&table, path, &reason);
	if (status != 0)
		return why_set(why, status, "the published table: %.200s", reason.text);
	*described = (struct manifest_table){.size = table_octets(table),
		.generation = table_header(table)->generation,
		.rules = table_header(table)->rules};
	table_close(&table);
	status = digest_sha256_file(described->sha256, path, &reason);
	return status == 0 ? 0 : why_set(why, status, "%.150s: %.90s", path, reason.text);
}

int base_tables_add(const char *folder, const char *table, struct base_table *base, struct manifest_table *described,
	struct why *why)
{
	char new[PATH_MAX], path[PATH_MAX];
	snprintf(new, sizeof new, "%s/bases/new", folder);
	int status = link_or_copy_table(table, new, why);
	if (status == 0)
		status = describe_table(new, described, why);
	if (status != 0)
		return status;
	base->generation = described->generation;
	memcpy(base->sha256, described->sha256, sizeof base->sha256);
	/* Nothing follows from it if a crash takes it back. rename(2) does nothing between two names of one file. */
	if (rename(new, base_table_path(folder, base, path)) != 0)
		status = why_set(why, -errno, "cannot create %.200s: %s", path, error_text(-errno));
	unlink(new);
	return status;
}

/* ---- room ---- */

static bool is_table_needed(const struct base_table *table, const struct base_table *needed, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (needed[i].generation == table->generation && strcmp(needed[i].sha256, table->sha256) == 0)
			return true;
	return false;
}

void base_tables_prune(const char *folder, const struct base_table *needed, size_t needed_count)
{
	struct base_table list[2 * BASE_TABLES];
	char path[PATH_MAX], directory[PATH_MAX];
	struct stat st;
	size_t count = base_tables_list(folder, list);
	bases_directory(folder, directory);
	uint64_t size = count > 0 && stat(base_table_path(folder, &list[0], path), &st) == 0 ? (uint64_t)st.st_size : 0;
	for (size_t last = count; last > 2 && (last > BASE_TABLES || !archive_has_room(directory, size)); last--)
		if (!is_table_needed(&list[last - 1], needed, needed_count) &&
			unlink(base_table_path(folder, &list[last - 1], path)) != 0)
			log_warning("cannot remove %s: %s", path, error_text(-errno));
	atomic_file_sweep(directory);
}
