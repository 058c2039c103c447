/* SPDX-License-Identifier: BSD-3-Clause */
/* Text in HTML. Whatever a feed, a server or a client wrote, it is shown as text. */
#pragma once

#include <stdio.h>

/* Writes a text for content or for an attribute in double quotes; it is cleaned (clean.h). */
void html_text(FILE *out, const char *text);

/* Begins and ends a page. `title` is ours. The head of the pages has the search. `name`: what was searched for, "" =
 * nothing. */
void html_begin(FILE *out, const char *title, const char *name);
void html_end(FILE *out);

/* The style sheet, which is a document of its own: the pages allow no style and no script within them. */
extern const char html_style[];
