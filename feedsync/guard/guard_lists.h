/* SPDX-License-Identifier: BSD-3-Clause */
/* The lists of names to be guarded that the configuration names: their files, read into one set. A list that cannot be
 * read, or has a line that is not understood, is a trouble, which is told; its last good version (last_good.h) goes on
 * protecting, besides what is understood of the new one. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "feedsync/entries/nameset.h"
#include "feedsync/guard/last_good.h"
#include "feedsync/guard/names_file.h"
#include "libweir/attributes.h"

struct guard_list {
	char *label; /* for messages: its file's name; in MISP's own collection "<directory>/list.json" */
	struct names_file file;
};

/* A zeroed one is empty. */
struct guard_lists {
	const char *state; /* where last good versions are kept (last_good.h); NULL: nowhere */
	bool writes;       /* new ones are */
	struct guard_list *list;
	size_t count, room;
	struct nameset names;         /* of all of them; an entry's mark is its list's index */
	struct list_trouble *trouble; /* of those that have one */
	size_t trouble_count, trouble_room;
};

/* Reads a list; or, of a directory, every *.json in it and the list.json of every directory in it. What is wrong is noted. A
 * directory that cannot be read, or has no list, is a trouble too. */
void guard_lists_read(struct guard_lists *lists, const char *path);

/* Notes a trouble of any list. */
void guard_lists_note(struct guard_lists *lists, const struct list_trouble *trouble);

void guard_lists_free(struct guard_lists *lists);
