/* SPDX-License-Identifier: BSD-3-Clause */
#include "feedsync/base/act_as_owner.h"

#include <errno.h>
#include <grp.h>
#include <limits.h>
#include <pwd.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/fsuid.h>
#include <sys/stat.h>
#include <unistd.h>

#include "feedsync/base/log.h"
#include "feedsync/base/xalloc.h"
#include "libweir/errors.h"

enum { MAX_LINKS = 40 };

/* The call returns the old value, whatever it is asked for; nobody has this number. Only root uses files as somebody else, and the
 * sandbox of feedsync.service forbids the call. */
uid_t owner_acting(void)
{
	uid_t user = geteuid();
	return user == 0 ? (uid_t)setfsuid((uid_t)-1) : user;
}

/* ---- the way to a path ---- */

/* The part of a path that was walked, which belongs to root and has no links, and the part that is still to be
 * walked. */
struct way {
	char done[PATH_MAX]; /* "" is the root directory */
	char rest[PATH_MAX];
	unsigned links;
};

static int begin_way(struct way *way, const char *path, struct why *why)
{
	char here[PATH_MAX] = "";
	if (path[0] != '/' && !getcwd(here, sizeof here))
		return why_set(why, -errno, "%s: %s", path, error_text(-errno));
	way->links = 0;
	way->done[0] = '\0';
	return (size_t)snprintf(way->rest, sizeof way->rest, "%s/%s", here, path) < sizeof way->rest
		       ? 0
		       : why_set(why, -ENAMETOOLONG, "%s: path too long", path);
}

/* Copies the next part of the path into `part`. Returns whether there is one. */
static bool next_part(struct way *way, char part[NAME_MAX + 1])
{
	size_t blank = strspn(way->rest, "/"), length = strcspn(way->rest + blank, "/");
	if (length == 0 || length > NAME_MAX)
		return false;
	memcpy(part, way->rest + blank, length);
	part[length] = '\0';
	memmove(way->rest, way->rest + blank + length, strlen(way->rest + blank + length) + 1);
	return true;
}

/* Follows a link that lies in `done`. */
static int follow_link(struct way *way, const char *link, struct why *why)
{
	char target[PATH_MAX], rest[PATH_MAX];
	ssize_t length = readlink(link, target, sizeof target - 1);
	if (length < 0 || ++way->links > MAX_LINKS)
		return why_set(why, -ELOOP, "%s: %s", link, error_text(length < 0 ? -errno : -ELOOP));
	target[length] = '\0';
	if (target[0] == '/')
		way->done[0] = '\0';
	if ((size_t)snprintf(rest, sizeof rest, "%s/%s", target, way->rest) >= sizeof rest)
		return why_set(why, -ENAMETOOLONG, "%s: path too long", link);
	memcpy(way->rest, rest, sizeof rest);
	return 0;
}

/* Whether users other than root may change what is in a directory of root's. */
static bool is_open(const struct stat *st)
{
	return (st->st_mode & S_IWOTH) || ((st->st_mode & S_IWGRP) && st->st_gid != 0);
}

static int tell_open(const char *directory, struct why *why)
{
	return why_set(why, -EPERM,
		"%s belongs to root, but others can write to it: root uses nothing in it that they might have put "
		"there "
		"(chmod go-w, or give it to one user)",
		directory[0] ? directory : "/");
}

/* Walks one step. `in` is the stat of `done`. Returns 1 to go on, 0 at the end, or a negative code. */
static int walk_part(struct way *way, struct stat *in, struct stat *found, struct why *why)
{
	char part[NAME_MAX + 1], next[PATH_MAX];
	if (!next_part(way, part))
		return 0;
	if (strcmp(part, "..") == 0)
		way->done[strrchr(way->done, '/') ? strrchr(way->done, '/') - way->done : 0] = '\0';
	if (strcmp(part, ".") == 0 || strcmp(part, "..") == 0)
		return lstat(way->done[0] ? way->done : "/", in) == 0 ? 1 : 0;
	if ((size_t)snprintf(next, sizeof next, "%s/%s", way->done, part) >= sizeof next)
		return why_set(why, -ENAMETOOLONG, "%s: path too long", way->done);
	bool there = lstat(next, found) == 0;
	if (there && found->st_uid != 0)
		return 0;
	if (is_open(in) && !(in->st_mode & S_ISVTX))
		return tell_open(way->done, why);
	if (!there)
		return 0;
	if (S_ISLNK(found->st_mode)) {
		int status = follow_link(way, next, why);
		return status == 0 ? lstat(way->done[0] ? way->done : "/", in) == 0 : status;
	}
	if (!S_ISDIR(found->st_mode))
		return 0;
	memcpy(way->done, next, sizeof next);
	*in = *found;
	return 1;
}

int owner_of(const char *path, struct owner *owner, struct why *why)
{
	struct way way = {0};
	struct stat in = {0}, found = {0};
	*owner = (struct owner){0};
	if (geteuid() != 0)
		return 0;
	int status = begin_way(&way, path, why);
	if (status == 0)
		status = lstat("/", &in) == 0 ? 1 : 0;
	while (status > 0)
		status = walk_part(&way, &in, &found, why);
	if (status == 0 && found.st_uid != 0)
		*owner = (struct owner){found.st_uid, found.st_gid};
	return status;
}

/* ---- using files as somebody ---- */

static int act_as(const struct owner *owner, struct why *why)
{
	/* A user that no file names (systemd's dynamic users) has its own group only. */
	const struct passwd *user = getpwuid(owner->user);
	gid_t group = user ? user->pw_gid : owner->group;
	if ((user ? initgroups(user->pw_name, group) : setgroups(1, &group)) != 0)
		return why_set(why, -errno, "cannot take the groups of user %u: %s", owner->user, error_text(-errno));
	setfsgid(group);
	setfsuid(owner->user);
	return owner_acting() == owner->user
		       ? 0
		       : why_set(why, -EPERM, "cannot use files as their owner, user %u", owner->user);
}

/* Whether the state directory belongs to the user as whom it is used, and to nobody else. */
static int check_state(const char *state, struct why *why)
{
	struct stat st;
	uid_t owner = owner_acting();
	if (stat(state, &st) != 0)
		return 0; /* it is yet to be made, or its user may not look: the next step says so */
	if (st.st_uid != owner)
		return why_set(why, -EPERM,
			"%s belongs to user %u, but the directory that leads there belongs to user %u: give both to "
			"one of them (chown -R)",
			state, st.st_uid, owner);
	return owner == 0 && is_open(&st) ? tell_open(state, why) : 0;
}

int owner_become(const char *state, struct why *why)
{
	struct why reason;
	struct owner owner;
	if (geteuid() != 0)
		return 0;
	int status = owner_of(state, &owner, &reason);
	if (status == 0 && owner.user != owner_acting())
		status = act_as(&owner, &reason);
	if (status == 0)
		status = check_state(state, &reason);
	return status == 0 ? 0 : why_set(why, status, "state: %s", reason.text);
}

int owner_enter(struct owner_visit *visit, const struct owner *owner, struct why *why)
{
	*visit = (struct owner_visit){0};
	if (owner->user == 0 || owner->user == owner_acting())
		return 0;
	int count = getgroups(0, NULL);
	visit->before = (struct owner){owner_acting(), (gid_t)setfsgid((gid_t)-1)};
	visit->groups = xcalloc((size_t)count + 1, sizeof *visit->groups);
	visit->group_count = getgroups(count, visit->groups);
	int status = act_as(owner, why);
	if (status != 0)
		owner_leave(visit);
	return status;
}

int owner_enter_path(struct owner_visit *visit, const char *path, struct why *why)
{
	struct owner owner;
	int status = owner_of(path, &owner, why);
	return status == 0 ? owner_enter(visit, &owner, why) : status;
}

/* The process is still root, except for files, so no right can be missing here. */
void owner_leave(struct owner_visit *visit)
{
	if (!visit->groups)
		return;
	if (setgroups((size_t)visit->group_count, visit->groups) != 0)
		log_warning("cannot take root's groups again: %s", error_text(-errno));
	setfsgid(visit->before.group);
	setfsuid(visit->before.user);
	free(visit->groups);
	visit->groups = NULL;
}
