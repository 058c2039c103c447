/* SPDX-License-Identifier: BSD-3-Clause */
/* Text in HTML, and how our pages look. Whatever a feed, a server or a client wrote, it is shown as text. */
#pragma once

#include <stdio.h>

/* Writes a text for content or for an attribute in double quotes; it is cleaned (clean.h). */
void html_text(FILE *out, const char *text);

/* The style sheet of all pages. */
extern const char html_style[];
