/* SPDX-License-Identifier: BSD-3-Clause */
/* `feedsync run` on a host that has no feeds: its table comes from elsewhere. It is pulled, if `pull` says from where; and what
 * its resolvers count is collected, if `trends` says so. */
#pragma once

#include "libweir/attributes.h"

enum without_feeds {
	WITHOUT_FEEDS_NOTHING, /* there is nothing to do */
	WITHOUT_FEEDS_ENDED,   /* a signal ended it, or a reload that brought feeds or ended both */
	WITHOUT_FEEDS_TROUBLE, /* it could not begin; the reason is logged */
};

/* Pulls and collects, until it is ended. */
must_check enum without_feeds run_without_feeds(const char *path);
