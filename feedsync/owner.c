#include "owner.h"

#include <errno.h>
#include <grp.h>
#include <pwd.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/fsuid.h>
#include <sys/stat.h>
#include <unistd.h>

#include "errors.h"
#include "log.h"

/* Both return what was, whatever they are asked; nobody has this number. */
uid_t owner_acting(void)
{
	return (uid_t)setfsuid((uid_t)-1);
}

/* Of the state directory or, before its first use, of the nearest one above it that is there. */
static bool find_owner(const char *state, struct stat *st)
{
	char path[4096];
	snprintf(path, sizeof path, "%s", state);
	for (;;) {
		if (stat(path, st) == 0)
			return true;
		char *slash = strrchr(path, '/');
		if (errno != ENOENT || !slash || slash == path)
			return false;
		*slash = '\0';
	}
}

void owner_become(const char *state)
{
	struct stat st;
	if (geteuid() != 0 || !find_owner(state, &st) || st.st_uid == owner_acting())
		return;
	/* A user that no file names, as systemd's dynamic ones, has its own group only. */
	const struct passwd *user = getpwuid(st.st_uid);
	gid_t group = user ? user->pw_gid : st.st_gid;
	int status = user ? initgroups(user->pw_name, group) : setgroups(1, &group);
	if (status != 0) {
		log_warning("cannot take the groups of %s's owner: %s", state, error_text(-errno));
		return;
	}
	setfsgid(group);
	setfsuid(st.st_uid);
	if (owner_acting() != st.st_uid)
		log_warning("cannot use files as %s's owner does: what is written there will be root's", state);
}
