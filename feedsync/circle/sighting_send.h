/* SPDX-License-Identifier: BSD-3-Clause */
/* Sending what is pending for a partner who has a server: group by group, one call a second, one at a time. A call's sightings are settled in the
 * store before the next call. What happens in between is sent again, which the server notices by the UUIDs. */
#pragma once

#include <stdint.h>

#include "feedsync/base/error_class.h"
#include "feedsync/circle/sighting_store.h"
#include "libweir/attributes.h"

struct why;

struct sighting_outcome {
	uint64_t sent, known;         /* taken by the server; of them, those that it knew already or left out */
	uint64_t refused;             /* by the server, for good */
	uint64_t failed;              /* calls that are to be tried again */
	uint64_t retry_after_s;       /* the server asks to be left alone for so long */
	enum error_class error_class; /* of the first call that failed, ERROR_NONE: none did */
	char error[256];
};

/* Sends. After MAX_PARTNER_S no other call begins, and the rest stays pending. Returns 0 and what came of it, or a negative code with
 * the reason where the store cannot be read or written: then what the server may have taken is still pending. */
must_check int sightings_send(const struct config *config, const struct partner *partner, struct sighting_store *store,
	struct sighting_outcome *outcome, struct why *why);
