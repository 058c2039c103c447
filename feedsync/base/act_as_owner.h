/* SPDX-License-Identifier: BSD-3-Clause */
/* Root uses files as their owner does (setfsuid(2)).
 *
 * Why: where another user can write, root must leave no file that this user cannot read, write or remove. Root
 * must see the secrets, lists and CAs that this user sees. And this user must never lead root to files that are
 * root's.
 *
 * The *owner* of a path is the first user but root who could change where the path leads, since he owns a
 * directory or a link on the way. All that comes behind is in his hands, and the kernel gives him there what is
 * his. Root follows its own links, in directories that only root can change, as they are.
 *
 * All else of the process stays root's: it may send signals, and the history names it. */
#pragma once

#include <sys/types.h>

#include "libweir/attributes.h"

struct why;

struct owner {
	uid_t user; /* 0: the path is root's, or this process is not root: nothing is to be done */
	gid_t group;
};

/* Finds the owner of a path as far as it is there. Returns 0, or -EPERM with the reason where something of root's
 * on the way lies in a directory in which others may replace it (a sticky one they may not), or -ELOOP,
 * -ENAMETOOLONG. */
must_check int owner_of(const char *path, struct owner *owner, struct why *why);

/* If this is root, this process and the threads that it will begin use files from now on as the owner of the state
 * directory, by his groups. Returns 0; -EPERM with the reason where the directory is in the hands of more than one
 * user, or this process cannot become the owner; or as owner_of. */
must_check int owner_become(const char *state, struct why *why);

/* The same for some steps, until owner_leave: who is to be restored is in `visit`. Where the owner is root, or is
 * already he as whom files are used, both do nothing. Returns 0; or a negative code with the reason, and
 * owner_leave need not follow. */
struct owner_visit {
	struct owner before;
	gid_t *groups; /* NULL: nothing was changed */
	int group_count;
};
must_check int owner_enter(struct owner_visit *visit, const struct owner *owner, struct why *why);
/* The same as the owner of a path, as owner_of finds him. */
must_check int owner_enter_path(struct owner_visit *visit, const char *path, struct why *why);
void owner_leave(struct owner_visit *visit);

/* The user as whom this process uses files. */
uid_t owner_acting(void);
