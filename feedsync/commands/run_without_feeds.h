/* SPDX-License-Identifier: BSD-3-Clause */
/* `feedsync run` on a host that has no feeds: its table comes from elsewhere. It is pulled, if `pull` says from where; and what
 * its resolvers count is collected, if `trends` says so. */
#pragma once

#include <stdbool.h>

#include "libweir/attributes.h"

/* Pulls and collects until a signal ends it, or until a reload brings feeds or ends both. Returns false, at once, where there is
 * nothing to do; the reason is logged. */
must_check bool run_without_feeds(const char *path);
