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

#include "feedsync/base/json.h"
#include "feedsync/base/xalloc.h"
#include "feedsync/formats/registry.h"
#include "feedsync/guard/warninglist.h"
#include "libweir/errors.h"

/* ---- one list ---- */

static int add_listed_name(void *context, const struct rule *rule)
{
	struct guard_lists *lists = context;
	struct namekey key;
	if (lists->names.count == MAX_GUARDED)
		return -E2BIG;
	namekey_of(&key, rule->wire, rule->length);
	return nameset_add(&lists->names, &key, (uint32_t)lists->count - 1);
}

/* The last part of a path; for "<directory>/list.json" both parts. */
static const char *label_of(const char *path)
{
	const char *slash = strrchr(path, '/');
	if (slash && strcmp(slash, "/list.json") == 0) {
		const char *before = memrchr(path, '/', (size_t)(slash - path));
		return before ? before + 1 : path;
	}
	return slash ? slash + 1 : path;
}

static struct sink begin_list(struct guard_lists *lists, const char *path)
{
	const char *label = label_of(path);
	lists->list = xgrow(lists->list, lists->count, &lists->room, 16, sizeof *lists->list);
	struct guard_list *list = &lists->list[lists->count++];
	*list = (struct guard_list){.label = xcalloc(strlen(label) + 1, 1), .used = true};
	memcpy(list->label, label, strlen(label));
	return (struct sink){.take = add_listed_name, .context = lists, .counts = &list->counts};
}

static int end_list(int status, const char *path, const struct why *reason, struct why *why)
{
	if (status == -E2BIG)
		return why_set(why, status, "%s: more than %d guarded names in all lists", path, MAX_GUARDED);
	if (status != 0)
		return why_set(why, status, "%s: %s", path, reason->text[0] ? reason->text : error_text(status));
	return 0;
}

static int read_warninglist(struct guard_lists *lists, const char *path, struct why *why)
{
	struct sink sink = begin_list(lists, path);
	struct guard_list *list = &lists->list[lists->count - 1];
	struct why reason = {0};
	struct node *document;
	int status = json_load(&document, path, MAX_BODY, &reason);
	if (status == 0)
		status = warninglist_parse(document, list->label, &sink, &list->used, &reason);
	node_free(document);
	return end_list(status, path, &reason, why);
}

int guard_lists_read_names(struct guard_lists *lists, const char *path, struct why *why)
{
	const struct parse_options options = {.scope = SCOPE_SUBTREE};
	struct sink sink = begin_list(lists, path);
	struct why reason = {0};
	const struct parse parse = {.path = path, .document = path, .options = &options, .sink = &sink, .why = &reason};
	int status = format_parse(&format_domains, &parse);
	/* The parser's reason begins with the document, unless that is not a list at all. */
	if (status != 0 && status != -EBADMSG && reason.text[0])
		return why_set(why, status, "%s", reason.text);
	return end_list(status, path, &reason, why);
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

/* Finds the list that a directory's entry is or holds, and its path. Returns 1; 0 if there is none (any more); or
 * -errno: an entry that cannot be seen is not skipped in silence. */
static int list_in(const char *directory, const char *name, char path[PATH_MAX])
{
	size_t length = strlen(name);
	if (name[0] == '.')
		return 0;
	snprintf(path, PATH_MAX, "%s/%s", directory, name);
	int inner = is_directory(path);
	if (inner < 0)
		return inner != -ENOENT || may_be_list(path, name) ? inner : 0;
	if (!inner)
		return length > 5 && strcmp(name + length - 5, ".json") == 0;
	snprintf(path, PATH_MAX, "%s/%s/list.json", directory, name);
	return access(path, F_OK) == 0 ? 1 : errno == ENOENT ? 0 : -errno;
}

/* Reads the lists in the order of their names. So of two lists with the same name it is always the same one that is
 * named. */
static int read_directory(struct guard_lists *lists, const char *directory, struct why *why)
{
	struct dirent **entries;
	int count = scandir(directory, &entries, NULL, alphasort);
	if (count < 0)
		return why_set(why, -errno, "%s: %s", directory, error_text(-errno));
	size_t before = lists->count;
	int status = 0;
	for (int i = 0; i < count; i++) {
		char path[PATH_MAX];
		int found = status == 0 ? list_in(directory, entries[i]->d_name, path) : 0;
		if (found < 0)
			status = why_set(why, found, "%s: %s", path, error_text(found));
		else if (found)
			status = read_warninglist(lists, path, why);
		free(entries[i]);
	}
	free(entries);
	if (status == 0 && lists->count == before)
		return why_set(why, -ENOENT, "%s: no warninglist in it, neither *.json nor */list.json", directory);
	return status;
}

int guard_lists_read_warninglists(struct guard_lists *lists, const char *path, struct why *why)
{
	return is_directory(path) > 0 ? read_directory(lists, path, why) : read_warninglist(lists, path, why);
}

void guard_lists_free(struct guard_lists *lists)
{
	for (size_t i = 0; i < lists->count; i++)
		free(lists->list[i].label);
	free(lists->list);
	nameset_free(&lists->names);
	*lists = (struct guard_lists){0};
}
