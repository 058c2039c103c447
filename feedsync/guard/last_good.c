/* SPDX-License-Identifier: BSD-3-Clause */
#include "feedsync/guard/last_good.h"

#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "feedsync/base/atomic_dir.h"
#include "feedsync/base/atomic_file.h"
#include "feedsync/base/cut_off.h"
#include "feedsync/base/file_sum.h"
#include "feedsync/base/log.h"
#include "feedsync/base/maxima.h"
#include "feedsync/base/regular_file.h"
#include "feedsync/base/whole_write.h"
#include "libweir/errors.h"

void last_good_begin(struct last_good *last, const char *state, bool writes, const char *configured)
{
	char sum[FILE_SUM];
	text_sum(sum, configured, strlen(configured));
	last->writes = writes && state;
	last->directory[0] = '\0';
	if (state)
		snprintf(last->directory, sizeof last->directory, "%s/guard/%s", state, sum);
}

/* ---- a new version ---- */

/* Copies a file. What cannot be read is the list's fault, and returned. What cannot be written is not: *fault is the
 * -errno then, else 0. */
static int copy_list(const char *path, int to, int *fault, struct why *why)
{
	FILE *in;
	char buffer[1 << 16];
	uint64_t all = 0;
	*fault = 0;
	int status = regular_file_open(&in, path, why);
	if (status != 0)
		return status;
	for (size_t length; *fault == 0 && (length = fread(buffer, 1, sizeof buffer, in)) > 0;) {
		all += length;
		if (all > MAX_BODY) {
			status = why_set(why, -EFBIG, "more than %llu octets", (unsigned long long)MAX_BODY);
			break;
		}
		*fault = whole_write(to, buffer, length);
	}
	if (status == 0 && ferror(in))
		status = why_set(why, -EIO, "cannot read all of it");
	fclose(in);
	return status;
}

static int read_unless_cut(const char *file, const char *good, last_good_read *read, void *context, struct why *why)
{
	if (list_is_cut_off(file, good))
		return why_set(
			why, -EBADMSG, "cut off: its last line has no end, and the version before goes on there");
	return read(context, file, why);
}

/* Reads a new version into the file that is to take the place of the good one. Returns as the reading does; *fault as
 * copy_list. */
static int read_into(struct atomic_file *file, const char *path, const char *good, last_good_read *read, void *context,
	int *fault, struct why *why)
{
	struct why reason;
	int status = copy_list(path, file->fd, fault, why);
	if (status == 0 && *fault == 0)
		status = read_unless_cut(file->temporary, good, read, context, why);
	if (status != 0 || *fault != 0) {
		atomic_file_abort(file);
	} else {
		int committed = atomic_file_commit(file, &reason);
		*fault = committed < 0 ? committed : 0;
	}
	return status;
}

/* Reads a new version, and keeps it if it is good. */
static int read_new(const struct last_good *last, const char *path, const char *good, last_good_read *read,
	void *context, struct why *why)
{
	struct atomic_file file;
	struct why reason;
	int status = 0, fault = directory_create(last->directory);
	if (fault == 0)
		fault = atomic_file_begin(&file, good, MODE_PRIVATE, &reason);
	if (fault == 0)
		status = read_into(&file, path, good, read, context, &fault, why);
	if (status != 0 || fault == 0)
		return status;
	log_warning("guard: %s: a broken version of it will find nothing to stand in for it: %s cannot be written: %s",
		path, last->directory, error_text(fault));
	return read_unless_cut(path, good, read, context, why);
}

/* ---- */

static void path_of_good(const struct last_good *last, const char *name, char good[4096 + 256])
{
	snprintf(good, 4096 + 256, "%s/%s", last->directory, name);
	for (char *c = good + strlen(last->directory) + 1; *c; c++)
		*c = *c == '/' ? '%' : *c; /* "popular/list.json" */
}

void list_trouble_set(struct list_trouble *trouble, const char *path, int code, const struct why *reason)
{
	bool has_path = strncmp(reason->text, path, strlen(path)) == 0;
	const char *text = reason->text[0] ? reason->text : error_text(code);
	*trouble = (struct list_trouble){.class = error_class_from_code(code == -EILSEQ ? -EBADMSG : code)};
	if (has_path)
		trouble->why = *reason;
	else
		why_set(&trouble->why, code, "%.150s: %.100s", path, text);
}

bool last_good_load(const struct last_good *last, const char *path, const char *name, last_good_read *read,
	void *context, struct list_trouble *trouble)
{
	char good[4096 + 256];
	struct stat st;
	struct why reason = {0}, ignored;
	int status;
	*trouble = (struct list_trouble){0};
	path_of_good(last, name, good);
	if (last->writes && !files_are_same(path, good))
		status = read_new(last, path, good, read, context, &reason);
	else
		status = read_unless_cut(path, good, read, context, &reason);
	if (status == 0)
		return true;
	list_trouble_set(trouble, path, status, &reason);
	if (!last->directory[0] || stat(good, &st) != 0)
		return false;
	status = read(context, good, &ignored);
	trouble->stands_in = status == 0 || status == -EILSEQ;
	trouble->since = (uint64_t)st.st_mtim.tv_sec;
	return false;
}

/* The name of a list, from the name of the file in which it is kept. */
static void name_of_version(const char *file, char name[NAME_MAX + 1])
{
	snprintf(name, NAME_MAX + 1, "%s", file);
	for (char *c = name; *c; c++)
		*c = *c == '%' ? '/' : *c;
}

unsigned last_good_each(const struct last_good *last, void (*each)(void *context, const char *name), void *context)
{
	struct dirent **entries;
	unsigned used = 0;
	int count = last->directory[0] ? scandir(last->directory, &entries, NULL, alphasort) : -1;
	for (int i = 0; i < count; i++) {
		char name[NAME_MAX + 1];
		name_of_version(entries[i]->d_name, name);
		if (name[0] != '.') {
			each(context, name);
			used++;
		}
		free(entries[i]);
	}
	if (count >= 0)
		free(entries);
	return used;
}

static void remove_unless(const char *path, bool (*is_used)(const void *context, const char *name), const void *context)
{
	DIR *dir = opendir(path);
	for (struct dirent *entry; dir && (entry = readdir(dir));) {
		char name[NAME_MAX + 1];
		name_of_version(entry->d_name, name);
		if (name[0] != '.' && !is_used(context, name))
			atomic_dir_remove_at(dirfd(dir), entry->d_name);
	}
	if (dir)
		closedir(dir);
}

void last_good_tidy(
	const struct last_good *last, bool (*is_used)(const void *context, const char *name), const void *context)
{
	if (last->writes)
		remove_unless(last->directory, is_used, context);
}

struct configured {
	const char *const *path;
	unsigned long count;
};

static bool is_configured(const void *context, const char *name)
{
	const struct configured *configured = context;
	char sum[FILE_SUM];
	for (unsigned long i = 0; i < configured->count; i++) {
		text_sum(sum, configured->path[i], strlen(configured->path[i]));
		if (strcmp(name, sum) == 0)
			return true;
	}
	return false;
}

void last_good_tidy_all(const char *state, const char *const *used, unsigned long count)
{
	const struct configured configured = {used, count};
	char path[4096];
	snprintf(path, sizeof path, "%s/guard", state);
	remove_unless(path, is_configured, &configured);
}
