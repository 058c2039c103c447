/* SPDX-License-Identifier: BSD-3-Clause */
/* One list of the guard: turns the text of a file into names. The content says what the file is: JSON is a MISP
 * warninglist, everything else is read line by line. Both are read generously (lenient.h). */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "feedsync/entries/lenient.h"
#include "libweir/attributes.h"

struct why;

struct names_file {
	const char *shown; /* the path, for messages */
	lenient_take *take;
	void *context;
	/* out: */
	bool used;       /* it holds names, not patterns or addresses */
	uint64_t names;  /* handed on */
	uint64_t others; /* entries that are no names: addresses, words of one label */
};

/* Reads `file`, compressed or not, and hands each name on. Returns 0; what `take` returned; -EILSEQ where some lines or
 * entries are not understood; -EBADMSG for what is no list, or an empty one; or another -errno; with the reason. */
must_check int names_file_read(struct names_file *list, const char *file, struct why *why);
