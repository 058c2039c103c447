#include "secret.h"

#include <errno.h>
#include <sys/stat.h>
#include <unistd.h>

#include "error.h"

int secret_check(const char *path, struct why *why)
{
	struct stat st;
	if (stat(path, &st) != 0)
		return why_set(why, -errno, "%.150s: %s", path, error_text(-errno));
	if (!S_ISREG(st.st_mode))
		return why_set(why, -EPERM, "%.150s: not a regular file", path);
	if (st.st_uid != 0 && st.st_uid != geteuid())
		return why_set(why, -EPERM, "%.150s: belongs to another user", path);
	if (st.st_mode & (S_IWGRP | S_IRWXO))
		return why_set(why, -EPERM,
			"%.150s: holds a secret, and its mode %03o lets others at it (chmod 600, or 640)", path,
			(unsigned)st.st_mode & 0777);
	return 0;
}
