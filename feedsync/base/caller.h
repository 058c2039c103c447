/* SPDX-License-Identifier: BSD-3-Clause */
/* Who runs this program, for the log of what was done. */
#pragma once

#include <stddef.h>

/* Writes the user's name and, where that is another one, whom the system remembers as having logged in (so `sudo`
 * hides nobody): "root", "weir (logged in as alice)". */
void caller_describe(char *text, size_t room);
