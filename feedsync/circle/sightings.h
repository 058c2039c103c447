/* SPDX-License-Identifier: BSD-3-Clause */
/* Telling partners what was hit: for each, days that are over are closed (sighting_selection.h), and what is pending is sent
 * (sighting_send.h). Whatever fails, what is pending stays so, and nothing of it touches the table or a resolver. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "feedsync/circle/sighting_selection.h"
#include "feedsync/config/configuration.h"
#include "libweir/attributes.h"

struct why;

struct sightings_request {
	const struct config *config;
	const char *const *partners; /* names; none: all */
	size_t partner_count;
	bool at_once; /* also those that are to be waited for */
	/* Where it is set nothing is written or sent: it is called with what would be told of `day` (0: of the last one that is to be
	 * told of). */
	void (*plan)(
		void *context, const struct partner *partner, uint64_t day, const struct sighting_selection *selection);
	uint64_t day;
	void *context;
};

/* How many partners came out how. */
struct sightings_counts {
	size_t well, failed;
};

/* Tells. Logs what comes of each partner. Waits for another feedsync that tells. Returns 0 and the counts; or a negative code with
 * the reason where nothing could begin: then nothing was told. */
must_check int sightings_tell(
	const struct sightings_request *request, struct sightings_counts *counts, struct why *why);
