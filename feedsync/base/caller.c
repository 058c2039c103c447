/* SPDX-License-Identifier: BSD-3-Clause */
#include "feedsync/base/caller.h"

#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
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

void caller_describe(char *text, size_t room)
{
	char name[64], login[64];
	name_of(getuid(), name, sizeof name);
	uid_t session = login_uid();
	if (session == (uid_t)-1 || session == getuid()) {
		snprintf(text, room, "%s", name);
		return;
	}
	name_of(session, login, sizeof login);
	snprintf(text, room, "%s (logged in as %s)", name, login);
}
