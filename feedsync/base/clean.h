/* SPDX-License-Identifier: BSD-3-Clause */
/* Text from outside (feeds, servers, tables, files that another user can write) on its way to a terminal or a log.
 * An octet is shown as \xNN unless it is part of valid UTF-8 for a letter, mark, digit, punctuation, symbol or
 * space: so there are no escape sequences of any kind, no other direction of writing, no invisible and no
 * unassigned characters. */
#pragma once

#include <stddef.h>

#include "libweir/attributes.h"

/* Writes a text that shall stand in one line: line ends and tabs in it are shown as \xNN, too. What does not fit
 * is left out. */
void clean_text(char *to, size_t room, const char *from);

/* The same in place; of a text of more than CLEAN_MAX octets the rest is left out. */
enum { CLEAN_MAX = 4095 };
void clean(char *text, size_t room);

/* From now on all that is written to stdout is cleaned but for line ends and tabs. Whatever is printed, nobody has
 * to think of it; values in which these could deceive are cleaned by themselves before. Returns 0 or -errno. */
must_check int clean_stdout(void);

/* Writes to stdout, behind what was printed, what is ours and not to be cleaned: a colour (terminal.h). */
void clean_stdout_pass(const char *ours);
