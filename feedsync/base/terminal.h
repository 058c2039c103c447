/* SPDX-License-Identifier: BSD-3-Clause */
/* What may be written to a terminal beyond plain lines. Nothing of it to files, pipes, the journal, or a dumb
 * terminal (TERM=dumb, or no TERM). Any thread. */
#pragma once

#include <stdbool.h>

/* Whether lines may be written over. */
bool terminal_can_rewrite(int fd);

/* Whether colours may be used: also not where NO_COLOR is set to anything but "" (https://no-color.org). */
bool terminal_has_colours(int fd);

#define COLOUR_RED "\033[31m"
#define COLOUR_GREEN "\033[32m"
#define COLOUR_END "\033[0m"
