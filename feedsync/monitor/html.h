/* SPDX-License-Identifier: BSD-3-Clause */
/* What every page of `feedsync serve` begins and ends with. The style sheet (html_text.h) is a document of its own: the pages
 * allow no style and no script within them. */
#pragma once

#include <stdio.h>

/* Begins and ends a page. `title` is ours. The head of the pages has the search. `name`: what was searched for, "" =
 * nothing. */
void html_begin(FILE *out, const char *title, const char *name);
void html_end(FILE *out);
