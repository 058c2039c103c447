/* SPDX-License-Identifier: BSD-3-Clause */
/* What the text alone tells of a list, before any format has read it. By these signs a trial is not made, or not believed. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "libweir/errors.h"

struct guess_signs {
	size_t lines;     /* that are neither empty nor comments */
	size_t url_lines; /* of these: a URL and nothing before it */
	size_t filters;   /* lines that are written as filters of browsers */
	size_t urls;      /* anywhere in it, disguised ones (refang.h) included */
	size_t names;     /* texts in quotes that are written as names */
	bool disguised;   /* names or URLs in it are */
};

/* Looks at `length` octets. Returns 0, or -ENOMEM with the reason in `why`. */
int guess_signs_read(struct guess_signs *signs, const char *text, size_t length, struct why *why);
