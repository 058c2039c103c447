/* SPDX-License-Identifier: BSD-3-Clause */
/* Sightings in the log of what was given to whom (shared_log.h): those of a day before the first of them can be sent, and what
 * was sent of them. */
#pragma once

#include <stdint.h>

#include "feedsync/circle/sighting_selection.h"
#include "feedsync/circle/sighting_send.h"
#include "libweir/attributes.h"

struct why;

/* Each returns 0 or a negative code with the reason. */
must_check int sighting_log_pending(const struct config *config, const struct partner *partner, uint64_t day,
	uint64_t now, const struct sighting_selection *selection, struct why *why);
must_check int sighting_log_sent(const struct config *config, const struct partner *partner, uint64_t now,
	const struct sighting_outcome *outcome, struct why *why);
