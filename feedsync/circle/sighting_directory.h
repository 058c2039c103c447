/* SPDX-License-Identifier: BSD-3-Clause */
/* Telling a partner by a directory that others fetch, for those who give no access to a server of theirs. A release of it
 * (release_directory.h) has what was told in the last days and what is pending, which is told as soon as the release is shown.
 * Where that is not noted any more, the next release would be the same, and is not made. */
#pragma once

#include "feedsync/circle/sighting_send.h"
#include "feedsync/circle/sighting_way.h"
#include "libweir/attributes.h"

enum { SIGHTING_FILE_DAYS = 30 };

/* Makes and shows a release where something is pending, or none is shown. Returns 0 and what came of it, or a negative code with
 * the reason where the store cannot be read or written: then what is pending stays so. */
must_check int sightings_write(const struct config *config, const struct partner *partner, struct sighting_store *store,
	struct sighting_outcome *outcome, struct why *why);
