/* SPDX-License-Identifier: BSD-3-Clause */
/* A bypass: until a given time everything passes, whatever the table says. It is for the night in which nothing else helps,
 * so it needs nothing that may be broken then: no daemon, no configuration, no lock, no room on the disk.
 *
 * It is a file beside the table, "<table>.bypass", and its time of modification, which lies in the future, is when the
 * bypass ends. An empty file suffices. What it holds tells people who asked for it and why; feedsync writes and reads
 * that, the module does not look at it.
 *
 * Who may put a file there may replace the table as well, so the directory's permissions decide. A file that could be
 * somebody else's all the same (a link; another user's in a sticky directory), or that asks for more than BYPASS_MAX_S,
 * is not believed. How much it asks for is counted from the file's time of change, which the kernel sets: else a file that
 * was refused for lying too far ahead would come into force by itself some days later.
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
	uint64_t until; /* seconds since 1970; also of one that is over */
	/* which file it is */
	dev_t device;
	ino_t inode;
	struct timespec made, ends;
};

/* Looks at the bypass beside a table, as it is at this time (seconds since 1970). Returns 1: it is in force; 0: there is
 * none, and `until` is 0, or it is over; or a negative code with the reason why the file is not believed: -EINVAL, -EPERM,
 * or what the system says. Any thread. */
must_check int bypass_find(struct bypass *bypass, const char *table, uint64_t now, struct why *why);

/* Whether two are the same file, not touched since. */
bool bypass_is_same(const struct bypass *a, const struct bypass *b);
