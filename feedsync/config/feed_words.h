/* SPDX-License-Identifier: BSD-3-Clause */
/* A feed whose options are the words of a command line. They go the way that those of a file go, by the same tables and the same
 * checks: what a configuration can say can be said here, and means the same. */
#pragma once

#include <stddef.h>

#include "feedsync/config/configuration.h"
#include "libweir/attributes.h"

struct feed_word {
	const char *key, *value; /* an option of a feed (options.h); one that is a list may come several times */
};

/* Makes a configuration of one feed. Returns 0 and a configuration to be freed; or -EBADMSG and NULL. `complaints`, to be
 * ended in any case, has all that is wrong; their lines mean nothing, and their texts begin with FEED_OF_WORDS. */
#define FEED_OF_WORDS "feed list: "
must_check int config_read_words(struct config **config, const char *format, const struct feed_word *words,
	size_t count, struct complaints *complaints);
