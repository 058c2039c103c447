/* SPDX-License-Identifier: BSD-3-Clause */
#include "feedsync/base/terminal.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

bool terminal_can_rewrite(int fd)
{
	const char *term = getenv("TERM");
	return isatty(fd) && term && term[0] && strcmp(term, "dumb") != 0;
}

bool terminal_has_colours(int fd)
{
	const char *no_color = getenv("NO_COLOR");
	return terminal_can_rewrite(fd) && (!no_color || !no_color[0]);
}
