/* SPDX-License-Identifier: BSD-3-Clause */
#include "feedsync/base/caller.h"

#include <pwd.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* The user's name, from this machine's own list of users. The other sources in nsswitch.conf are not asked: for those
 * glibc loads libraries, and crashes where it gets no memory for them. */
static void name_of(uid_t uid, char *text, size_t room)
{
	struct passwd entry, *found = NULL;
	char line[1024];
	FILE *in = fopen("/etc/passwd", "re");
	while (in && fgetpwent_r(in, &entry, line, sizeof line, &found) == 0 && found->pw_uid != uid)
		found = NULL;
	if (found)
		snprintf(text, room, "%s", found->pw_name);
	else
		snprintf(text, room, "uid %lu", (unsigned long)uid);
	if (in)
		fclose(in);
}

/* The user of the login session, as the kernel keeps it; (uid_t)-1 outside of any session. */
static uid_t login_uid(void)
{
	char text[32] = "";
	FILE *in = fopen("/proc/self/loginuid", "re");
	if (in && !fgets(text, sizeof text, in))
		text[0] = '\0';
	if (in)
		fclose(in);
	return text[0] ? (uid_t)strtoul(text, NULL, 10) : (uid_t)-1;
}

/* Who has become root by sudo, as sudo says; NULL = nobody. Only root's environment is believed. */
static const char *sudo_user(void)
{
	const char *user = getuid() == 0 ? getenv("SUDO_USER") : NULL;
	static const char allowed[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-";
	bool sane = user && user[0] && strlen(user) <= 32 && user[strspn(user, allowed)] == '\0';
	return sane && strcmp(user, "root") != 0 ? user : NULL;
}

void caller_describe(char *text, size_t room)
{
	char name[64], login[64];
	name_of(getuid(), name, sizeof name);
	uid_t session = login_uid();
	const char *sudo = session == (uid_t)-1 ? sudo_user() : NULL; /* the kernel's word is better */
	if (sudo) {
		snprintf(text, room, "%s (by sudo of %s)", name, sudo);
		return;
	}
	if (session == (uid_t)-1 || session == getuid()) {
		snprintf(text, room, "%s", name);
		return;
	}
	name_of(session, login, sizeof login);
	snprintf(text, room, "%s (logged in as %s)", name, login);
}
