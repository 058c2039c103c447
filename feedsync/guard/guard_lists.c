/* SPDX-License-Identifier: BSD-3-Clause */
#include "feedsync/guard/guard_lists.h"

#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "feedsync/base/maxima.h"
#include "feedsync/base/xalloc.h"
#include "libweir/errors.h"

void guard_lists_note(struct guard_lists *lists, const struct list_trouble *trouble)
{
	lists->trouble = xgrow(lists->trouble, lists->trouble_count, &lists->trouble_room, 4, sizeof *lists->trouble);
	lists->trouble[lists->trouble_count++] = *trouble;
}

/* ---- one list ---- */

static int add_listed_name(void *context, const uint8_t *wire, size_t length, bool wide)
{
	(void)wide; /* all below it is guarded anyway as far as anything is */
	struct guard_lists *lists = context;
	struct namekey key;
	if (lists->names.count == MAX_GUARDED)
		return -E2BIG;
	namekey_of(&key, wire, length);
	return nameset_add(&lists->names, &key, (uint32_t)lists->count - 1);
}

static void begin_list(struct guard_lists *lists, const char *path, const char *label)
{
	lists->list = xgrow(lists->list, lists->count, &lists->room, 16, sizeof *lists->list);
	struct guard_list *list = &lists->list[lists->count++];
	*list = (struct guard_list){.label = xcalloc(strlen(label) + 1, 1),
		.file = {.shown = path, .take = add_listed_name, .context = lists}};
	memcpy(list->label, label, strlen(label));
}

/* Reads a file as the list at hand. */
static int read_list_file(void *context, const char *file, struct why *why)
{
	struct guard_lists *lists = context;
	return names_file_read(&lists->list[lists->count - 1].file, file, why);
}

static void read_list(struct guard_lists *lists, const struct last_good *last, const char *path, const char *label)
{
	struct list_trouble trouble;
	begin_list(lists, path, label);
	if (!last_good_load(last, path, label, read_list_file, lists, &trouble))
		guard_lists_note(lists, &trouble);
	lists->list[lists->count - 1].file.shown = NULL; /* borrowed until here */
}

/* The last part of a path. */
static const char *last_part(const char *path)
{
	const char *slash = strrchr(path, '/');
	return slash && slash[1] ? slash + 1 : path;
}

/* ---- directories ---- */

/* Returns 1, 0 or -errno. */
static int is_directory(const char *path)
{
	struct stat st;
	return stat(path, &st) == 0 ? S_ISDIR(st.st_mode) : -errno;
}

/* Whether a link that leads nowhere may stand for a list: *.json, or a directory. */
static bool may_be_list(const char *path, const char *name)
{
	struct stat st;
	const char *dot = strrchr(name, '.');
	return lstat(path, &st) == 0 && (!dot || strcmp(dot, ".json") == 0);
}

/* The path, below the directory, of the list that an entry of it is or holds. Returns 1, 0 if there is none (any more), or
 * -errno: one that cannot be seen is not passed over in silence. */
static int list_in(const char *directory, const char *name, char label[NAME_MAX + 16])
{
	char path[PATH_MAX];
	size_t length = strlen(name);
	if (name[0] == '.')
		return 0;
	snprintf(label, NAME_MAX + 16, "%s", name);
	snprintf(path, sizeof path, "%s/%s", directory, name);
	int inner = is_directory(path);
	bool json = length > 5 && strcmp(name + length - 5, ".json") == 0;
	if (inner == -ENOENT && !may_be_list(path, name))
		return 0;
	if (inner == 0 || (inner < 0 && json))
		return inner < 0 ? inner : json;
	snprintf(label, NAME_MAX + 16, "%s/list.json", name);
	if (inner < 0)
		return inner;
	snprintf(path, sizeof path, "%s/%s/list.json", directory, name);
	return access(path, F_OK) == 0 ? 1 : errno == ENOENT ? 0 : -errno;
}

/* A directory under way. */
struct directory_reading {
	struct guard_lists *lists;
	const struct last_good *last;
	const char *path;
	size_t before; /* lists that were read before it */
};

static void read_below(const struct directory_reading *d, const char *label)
{
	char path[PATH_MAX];
	snprintf(path, sizeof path, "%s/%s", d->path, label);
	read_list(d->lists, d->last, path, label);
}

static bool was_listed(const void *context, const char *label)
{
	const struct directory_reading *d = context;
	for (size_t i = d->before; i < d->lists->count; i++)
		if (strcmp(d->lists->list[i].label, label) == 0)
			return true;
	return false;
}

/* Reads what the directory has, in the order of the names, so that of two lists with the same name always the same one
 * is told. Returns 0, or -errno with the reason where it cannot be seen what it has. */
static int read_entries(struct directory_reading *d, struct why *why)
{
	struct dirent **entries;
	int count = scandir(d->path, &entries, NULL, alphasort);
	if (count < 0)
		return why_set(why, -errno, "%s", error_text(-errno));
	for (int i = 0; i < count; i++) {
		char label[NAME_MAX + 16];
		if (list_in(d->path, entries[i]->d_name, label) != 0)
			read_below(d, label); /* which says what is wrong, too */
		free(entries[i]);
	}
	free(entries);
	return d->lists->count == d->before
		       ? why_set(why, -ENOENT, "no warninglist in it, neither *.json nor */list.json")
		       : 0;
}

/* A list of a directory that cannot be seen now. */
static void read_unseen(void *context, const char *label)
{
	read_below(context, label);
}

static void read_directory(struct guard_lists *lists, const struct last_good *last, const char *path)
{
	struct directory_reading d = {lists, last, path, lists->count};
	struct list_trouble trouble;
	struct why reason;
	int status = read_entries(&d, &reason);
	if (status == 0) {
		last_good_tidy(last, was_listed, &d);
		return;
	}
	list_trouble_set(&trouble, path, status, &reason);
	trouble.stands_in = last_good_each(last, read_unseen, &d) > 0;
	guard_lists_note(lists, &trouble);
}

/* ---- */

/* What is kept of a path. */
struct kept_names {
	const char *name; /* that of a list there */
	bool others;      /* there are other names than this: it was a directory of lists */
};

static void compare_label(void *context, const char *label)
{
	struct kept_names *kept = context;
	kept->others |= strcmp(label, kept->name) != 0;
}

void guard_lists_read(struct guard_lists *lists, const char *path)
{
	struct last_good last;
	last_good_begin(&last, lists->state, lists->writes, path);
	int directory = is_directory(path);
	struct kept_names kept = {.name = last_part(path)};
	if (directory < 0)
		last_good_each(&last, compare_label, &kept);
	if (directory > 0 || kept.others)
		read_directory(lists, &last, path);
	else
		read_list(lists, &last, path, last_part(path));
}

void guard_lists_free(struct guard_lists *lists)
{
	for (size_t i = 0; i < lists->count; i++)
		free(lists->list[i].label);
	free(lists->list);
	free(lists->trouble);
	nameset_free(&lists->names);
	*lists = (struct guard_lists){0};
}
