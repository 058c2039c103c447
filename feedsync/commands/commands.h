/* SPDX-License-Identifier: BSD-3-Clause */
/* The table of all commands, in the order of the help. */
#pragma once

#include "feedsync/commands/command.h"

#define COMMANDS(X)                                                                                                    \
	X(sync)                                                                                                        \
	X(run)                                                                                                         \
	X(pull)                                                                                                        \
	X(try)                                                                                                         \
	X(look)                                                                                                        \
	X(check)                                                                                                       \
	X(status)                                                                                                      \
	X(metrics)                                                                                                     \
	X(allow)                                                                                                       \
	X(block)                                                                                                       \
	X(unallow)                                                                                                     \
	X(unblock)                                                                                                     \
	X(serve)                                                                                                       \
	X(why)                                                                                                         \
	X(hits)                                                                                                        \
	X(trends)                                                                                                      \
	X(feeds)                                                                                                       \
	X(probe)                                                                                                       \
	X(distribute)                                                                                                  \
	X(fleet)                                                                                                       \
	X(promote)                                                                                                     \
	X(halt)                                                                                                        \
	X(share)                                                                                                       \
	X(shared)                                                                                                      \
	X(sightings)                                                                                                   \
	X(history)                                                                                                     \
	X(rollback)                                                                                                    \
	X(resume)                                                                                                      \
	X(bypass)                                                                                                      \
	X(compile)                                                                                                     \
	X(lookup)                                                                                                      \
	X(dump)                                                                                                        \
	X(verify)                                                                                                      \
	X(help)                                                                                                        \
	X(completion)

#define DECLARE_COMMAND(word) extern const struct command command_##word;
COMMANDS(DECLARE_COMMAND)
#undef DECLARE_COMMAND

/* The rows; the list ends with NULL. */
extern const struct command *const commands[];

/* The command of this word. If there is none: NULL, with the reason and the next command to try logged. */
const struct command *command_find(const char *word);
