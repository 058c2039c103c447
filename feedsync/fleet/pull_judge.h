/* SPDX-License-Identifier: BSD-3-Clause */
/* Whether a manifest, whose signature is right, may come into force: whoever holds the store, or stands on the way to it, can
 * hold back, replay and mix what was signed, but not sign. The rules are those of The Update Framework
 * (https://theupdateframework.io), for one file:
 *
 *   rollback      Of a key and channel no serial comes twice or goes down. Where a manifest of another key is in force, that
 *                 one's serial counts as well, unless the key is new: so a new key begins anew, wherever a stolen one has driven
 *                 the serials, and what the old key has signed does not come back.
 *   fast forward  A serial rises by no more than one in a second, and some: a mistake, or a stolen key, cannot drive it to its
 *                 end in one step.
 *   freeze        A manifest ends. It stays in force then, for want of a better one; that is told.
 *   time          A manifest is not made in the future, unless the server says too that our clock is behind.
 *
 * Pure: reads no clock and no file. Any thread. */
#pragma once

#include <stdint.h>

#include "feedsync/fleet/pull_record.h"
#include "libweir/attributes.h"

struct pull_question {
	const struct pull_record *record;
	const struct manifest *manifest;
	const char *key;      /* number of the key that has signed it */
	const char *digest;   /* of the manifest's octets, as in the record */
	uint64_t now;         /* the time that is believed, seconds since 1970 */
	uint64_t server_time; /* what the server's clock says; 0 = nothing */
};

enum pull_verdict { PULL_IN_FORCE = 1 /* it is the one that is in force */, PULL_MAY_COME = 0 };

/* Judges it. Returns PULL_MAY_COME, PULL_IN_FORCE, or a negative code with the reason:
 *   -ESTALE     it is older than what was taken, or was replaced
 *   -ERANGE     its serial leaps
 *   -ETIME      it has expired, whether it is in force or not
 *   -EILSEQ     it was made in the future */
must_check int pull_judge(const struct pull_question *question, struct why *why);
