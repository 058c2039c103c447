/* SPDX-License-Identifier: BSD-3-Clause */
/* Whether what was rendered says, to a Weir that would subscribe to it, exactly what it is to say. */
#pragma once

#include "feedsync/circle/rendering.h"
#include "libweir/attributes.h"

struct why;

/* Reads the files in `directory`, and compares names and scopes with the release's live items. Returns 0; -EBADMSG with the
 * reason, which names the first difference; or another negative code with the reason. */
must_check int read_back_check(const struct release *release, const char *directory, struct why *why);
