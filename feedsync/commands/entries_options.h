/* SPDX-License-Identifier: BSD-3-Clause */
/* The options of a feed that say which entries count, and what an entry means, as options of a command: "--refang yes" is
 * "refang: yes" of the configuration. They are made from the configuration's own table (options_feed_entries.c), so that a
 * command has each of them. */
#pragma once

#include "feedsync/commands/command.h"

/* The options, up to one without a word. One thread. */
const struct command_option *entries_options(void);

/* Makes a configuration of one feed of those options that were given. Returns 0 and a configuration to be freed; or what
 * usage_error returned. */
must_check int entries_read(struct config **config, const struct invocation *invocation, const char *format);
