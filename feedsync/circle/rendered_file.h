/* SPDX-License-Identifier: BSD-3-Clause */
/* One file of a release that is being written. It is for its owner and group: what is in it has a marking. */
#pragma once

#include <stdint.h>
#include <stdio.h>

#include "libweir/attributes.h"

struct why;

struct rendered_file {
	FILE *out; /* to be written */
	char path[4096];
};

/* Creates directory/name; `name` may have slashes: the directories that it names are made. Returns 0, or -errno with the
 * reason and no file is open. */
must_check int rendered_file_open(struct rendered_file *file, const char *directory, const char *name, struct why *why);

/* Closes and syncs it, and gives it the time `at` (seconds since 1970): when what is in it changed last. So copies on several
 * machines have the same time, and web servers the same ETag. Returns 0, or -errno with the reason, also for what could not
 * be written before. */
must_check int rendered_file_close(struct rendered_file *file, uint64_t at, struct why *why);
