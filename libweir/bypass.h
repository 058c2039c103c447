/* SPDX-License-Identifier: BSD-3-Clause */
/* A bypass: until a given time everything passes, whatever the table says. It is for the night in which nothing else
 * helps. So it needs nothing that may be broken then: no daemon, no configuration, no lock, no room on the disk.
 *
 * It is a file beside the table, "<table>.bypass". Its time of modification lies in the future: then the bypass ends.
 * An empty file is enough. The content tells people who asked for the bypass and why. feedsync writes and reads the
 * content; the module does not look at it.
 *
 * Whoever may put a file there may replace the table as well, so the directory's permissions decide. Some files may
 * still be somebody else's: a link, or another user's file in a sticky directory. Those are not believed. A file that
 * asks for more than BYPASS_MAX_S is not believed either. That length is counted from the file's time of change, which
 * the kernel sets. Otherwise a file that was refused because its end lies too far ahead would come into force by itself
 * some days later.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <sys/stat.h>
#include <time.h>

#include "libweir/attributes.h"

struct why;

#define BYPASS_SUFFIX ".bypass"

enum {
	BYPASS_MAX_S = 24 * 60 * 60, /* from beginning to end */
	BYPASS_SLACK_S = 60          /* a clock may step by so much meanwhile */
};

struct bypass {
	uint64_t until; /* seconds since 1970, even if it is over */
	/* which file it is */
	dev_t device;
	ino_t inode;
	struct timespec made, ends;
};

/* Looks at the bypass beside a table at this time (seconds since 1970). Returns 1: it is in force. Returns 0: it is
 * over; or there is no file, and `until` is 0. Else a negative code with the reason why the file is not believed:
 * -EINVAL, -EPERM, or what the system says. Any thread. */
must_check int bypass_find(struct bypass *bypass, const char *table, uint64_t now, struct why *why);

/* Whether both are the same file, unchanged. */
bool bypass_is_same(const struct bypass *a, const struct bypass *b);
