/* SPDX-License-Identifier: BSD-3-Clause */
#include "feedsync/fleet/bundle.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "feedsync/base/atomic_file.h"
#include "feedsync/base/log.h"
#include "feedsync/config/configuration.h"
#include "feedsync/fleet/base_tables.h"
#include "feedsync/fleet/by_hand.h"
#include "feedsync/fleet/table_source.h"
#include "feedsync/fleet/tried_names.h"
#include "feedsync/unpack/zstd_pack.h"
#include "libweir/errors.h"

enum {
	SMALL_TABLE = 2 << 20, /* octets: all its deltas can be had at once */
	SMALL_DELTA = 256      /* what is no more than this part of a table is not worth making smaller */
};

const char *bundle_path(const char *folder, const char *object, char path[PATH_MAX])
{
	snprintf(path, PATH_MAX, "%s/%s", folder, object);
	return path;
}

/* ---- one object ---- */

/* A table's file in memory. Nobody writes to it: it is ours, and tables are replaced, never changed. */
struct mapped {
	void *octets;
	size_t length;
};

static int map_table(struct mapped *mapped, const char *path, struct why *why)
{
	struct stat st;
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOFOLLOW);
	if (fd >= 0 && fstat(fd, &st) == 0 && st.st_size > 0) {
		mapped->length = (size_t)st.st_size;
		mapped->octets = mmap(NULL, mapped->length, PROT_READ, MAP_PRIVATE | MAP_POPULATE, fd, 0);
	}
	int status = mapped->octets != MAP_FAILED ? 0 : errno ? -errno : -EIO;
	if (fd >= 0)
		close(fd);
	return status == 0 ? 0 : why_set(why, status, "%.150s: %s", path, error_text(status));
}

/* Packs a delta into an empty file: where little has changed, by little effort. */
static int pack_delta(
	int fd, const struct mapped *table, const struct mapped *prefix, enum pack_effort effort, struct why *why)
{
	struct stat st;
	int status = zstd_pack(fd, table->octets, table->length, prefix->octets, prefix->length, PACK_AT_ONCE, why);
	if (status != 0)
		return status;
	if (fstat(fd, &st) == 0 && (uint64_t)st.st_size <= table->length / SMALL_DELTA)
		return 0;
	if (ftruncate(fd, 0) != 0 || lseek(fd, 0, SEEK_SET) != 0)
		return why_set(why, -errno, "cannot write a delta: %s", error_text(-errno));
	return zstd_pack(fd, table->octets, table->length, prefix->octets, prefix->length, effort, why);
}

static int pack_object(const char *path, const struct mapped *table, const struct mapped *prefix,
	enum pack_effort effort, struct why *why)
{
	struct atomic_file file;
	int status = atomic_file_begin(&file, path, MODE_PRIVATE, why);
	if (status != 0)
		return status;
	if (prefix)
		status = pack_delta(file.fd, table, prefix, effort, why);
	else
		status = zstd_pack(file.fd, table->octets, table->length, NULL, 0, effort, why);
	if (status == 0)
		return atomic_file_commit(&file, why);
	atomic_file_abort(&file);
	return status;
}

/* Makes the object of a table, or of what changed since `from`, unless it is there. */
static int make_object(const char *folder, const char *object, const struct base_table *table,
	const struct base_table *from, enum pack_effort effort, struct why *why)
{
	char path[PATH_MAX], base[PATH_MAX];
	struct mapped whole = {MAP_FAILED, 0}, prefix = {MAP_FAILED, 0};
	if (access(bundle_path(folder, object, path), F_OK) == 0)
		return 0;
	int status = map_table(&whole, base_table_path(folder, table, base), why);
	if (status == 0 && from)
		status = map_table(&prefix, base_table_path(folder, from, base), why);
	if (status == 0)
		status = pack_object(path, &whole, from ? &prefix : NULL, effort, why);
	if (whole.octets != MAP_FAILED)
		munmap(whole.octets, whole.length);
	if (prefix.octets != MAP_FAILED)
		munmap(prefix.octets, prefix.length);
	return status < 0 ? status : 0;
}

static int describe_object(const char *path, char sha256[SHA256_TEXT], uint64_t *size, struct why *why)
{
	struct stat st;
	struct why reason;
	if (stat(path, &st) != 0)
		return why_set(why, -errno, "%.150s: %s", path, error_text(-errno));
	*size = (uint64_t)st.st_size;
	int status = digest_sha256_file(sha256, path, &reason);
	return status == 0 ? 0 : why_set(why, status, "%.150s: %.90s", path, reason.text);
}

/* ---- the bundle ---- */

static int add_whole_table(struct bundle *bundle, const char *folder, const struct base_table *table, struct why *why)
{
	char object[MANIFEST_OBJECT_TEXT], path[PATH_MAX];
	manifest_table_object(table->sha256, object);
	int status = make_object(folder, object, table, NULL, PACK_SOON, why);
	return status == 0 ? describe_object(bundle_path(folder, object, path), bundle->table.zsha256,
				     &bundle->table.zsize, why)
			   : status;
}

/* Whether a delta saves enough to be worth a reader's trouble. */
static bool is_delta_worth(const struct bundle *bundle, uint64_t size)
{
	return size <= bundle->table.zsize / 2;
}

/* Adds the delta from an older table, if it is there or is to be made, by some effort. */
static int add_delta(struct bundle *bundle, const char *folder, const struct base_table *table,
	const struct base_table *from, const enum pack_effort *effort, struct why *why)
{
	char object[MANIFEST_OBJECT_TEXT], path[PATH_MAX];
	struct manifest_delta *delta = &bundle->deltas[bundle->delta_count];
	manifest_delta_object(from->sha256, table->sha256, object);
	if (!effort && access(bundle_path(folder, object, path), F_OK) != 0) {
		bundle->complete = false;
		return 0;
	}
	int status = make_object(folder, object, table, from, effort ? *effort : PACK_SOON, why);
	if (status == 0)
		status = describe_object(bundle_path(folder, object, path), delta->sha256, &delta->size, why);
	if (status != 0)
		return status;
	memcpy(delta->from, from->sha256, sizeof delta->from);
	bundle->delta_count += is_delta_worth(bundle, delta->size);
	return 0;
}

/* Most resolvers have the table before, so that delta is worth some effort, unless somebody waits. Others are made where
 * there is time for them: another process that has a newer table to publish waits for the lock. A delta that cannot be made
 * costs resolvers the whole table, and nothing more. */
static void add_deltas(struct bundle *bundle, const struct config *config, const struct table_source *source,
	const struct base_table *table, enum bundle_effort effort)
{
	const enum pack_effort first = bundle->urgent ? PACK_SOON : PACK_SMALL, other = PACK_SOON;
	const char *folder = source->folder;
	const uint64_t begun = table_source_sum(config, source->channel);
	struct base_table list[2 * BASE_TABLES];
	struct why why;
	size_t count = base_tables_list(folder, list), older = 0;
	for (size_t i = 0; i < count && older < MANIFEST_DELTAS; i++) {
		if (strcmp(list[i].sha256, table->sha256) == 0)
			continue;
		bool wanted = bundle->table.size <= SMALL_TABLE ||
			      (effort == BUNDLE_WHOLE && table_source_sum(config, source->channel) == begun);
		if (add_delta(bundle, folder, table, &list[i], older == 0 ? &first : wanted ? &other : NULL, &why) != 0)
			log_warning(
				"no delta from generation %llu: %s", (unsigned long long)list[i].generation, why.text);
		older++;
	}
}

/* Whether an object is of a table. */
static bool is_object_of(const char *name, const struct base_table *table)
{
	char object[MANIFEST_OBJECT_TEXT];
	const char *dash = strchr(name, '-');
	manifest_table_object(table->sha256, object);
	return strcmp(strchr(object, '/') + 1, name) == 0 || (dash && strncmp(dash + 1, table->sha256, 16) == 0);
}

/* Leaves the objects of this table, and of the last two: a slow channel may still be at the one before. */
static void prune_objects(const char *folder, const struct base_table *table)
{
	static const char *const folders[] = {"tables", "deltas"};
	struct base_table list[2 * BASE_TABLES];
	char path[PATH_MAX];
	size_t count = base_tables_list(folder, list);
	for (unsigned i = 0; i < sizeof folders / sizeof *folders; i++) {
		DIR *dir = opendir(bundle_path(folder, folders[i], path));
		for (struct dirent *entry; dir && (entry = readdir(dir));)
			if (entry->d_name[0] != '.' && !is_object_of(entry->d_name, table) &&
				!(count > 0 && is_object_of(entry->d_name, &list[0])) &&
				!(count > 1 && is_object_of(entry->d_name, &list[1])))
				unlinkat(dirfd(dir), entry->d_name, 0);
		if (dir)
			closedir(dir);
		atomic_file_sweep(path);
	}
}

int bundle_make(struct bundle *bundle, const struct config *config, const struct table_source *source,
	enum bundle_effort effort, struct why *why)
{
	const char *folder = source->folder;
	struct base_table table;
	char path[PATH_MAX];
	*bundle = (struct bundle){.folder = folder, .complete = true};
	int lock = base_tables_lock(folder, why);
	if (lock < 0)
		return lock;
	int status = base_tables_add(folder, source->table, &table, &bundle->table, why);
	if (status == 0)
		status = tried_names_choose(
			&bundle->must_pass, &bundle->must_block, config, base_table_path(folder, &table, path), why);
	if (status == 0)
		status = add_whole_table(bundle, folder, &table, why);
	if (status == 0) {
		bundle->urgent = source->promoted ? source->urgent
						  : is_published_by_hand(config->state, bundle->table.generation);
		add_deltas(bundle, config, source, &table, effort);
		base_tables_prune(folder, source->needed, source->needed_count);
		prune_objects(folder, &table);
	}
	close(lock);
	return status;
}
