/* SPDX-License-Identifier: BSD-3-Clause */
/* The lists of names to be guarded that the configuration names: their files, read into one set.
 *
 * What in a list is no name is passed over and counted: real lists have such entries. What is no list at all, or
 * cannot be read, is an error, for what it should guard would be open. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "feedsync/entries/nameset.h"
#include "feedsync/entries/sink.h"
#include "libweir/attributes.h"

struct why;

struct guard_list {
	char *label; /* for messages: its file's name; in MISP's own collection "<directory>/list.json" */
	bool used;   /* it holds names */
	struct parse_counts counts;
};

/* A zeroed one is empty. */
struct guard_lists {
	struct guard_list *list;
	size_t count, room;
	struct nameset names; /* of all of them; an entry's mark is its list's index */
};

/* Reads a MISP warninglist; or, of a directory, every *.json in it and the list.json of every directory in it.
 * Returns 0 or -errno with the reason; a directory without a list is an error. */
must_check int guard_lists_read_warninglists(struct guard_lists *lists, const char *path, struct why *why);

/* Reads a file of names in the format `domains`. Returns 0 or -errno with the reason. */
must_check int guard_lists_read_names(struct guard_lists *lists, const char *path, struct why *why);

void guard_lists_free(struct guard_lists *lists);
