/* SPDX-License-Identifier: BSD-3-Clause */
/* What is wrong with a configuration file. A file is read to its end whatever is wrong with it, so that an operator mends
 * all of it at once: each complaint is kept with its line, in the order of the lines. */
#pragma once

#include <stddef.h>

#include "libweir/attributes.h"

enum { MAX_COMPLAINTS = 50, COMPLAINT_ROOM = 700 };

struct complaint {
	unsigned line; /* from 1; 0 = it concerns the file as a whole */
	char text[COMPLAINT_ROOM];
};

struct complaints {
	size_t count; /* of all; the list holds the first MAX_COMPLAINTS of them */
	struct complaint *list;
	/* private */
	size_t room;
};

/* Begins with none. */
void complaints_begin(struct complaints *complaints);
void complaints_end(struct complaints *complaints);

/* Adds one. */
void complaints_add(struct complaints *complaints, unsigned line, const char *format, ...) printf_like(3, 4);

/* Logs all as errors, "FILE:LINE: TEXT" each. */
void complaints_log(const struct complaints *complaints, const char *path);
