/* SPDX-License-Identifier: BSD-3-Clause */
/* What feedsync says of itself, on standard output, made from the table of commands. */
#pragma once

#include "feedsync/commands/command.h"

/* All commands, one line each. */
void help_print_overview(void);

/* One command: its options, what an operator must know, its exit codes. */
void help_print_command(const struct command *command);
