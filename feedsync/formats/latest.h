/* SPDX-License-Identifier: BSD-3-Clause */
/* Things that may come several times, in several latest, of which the newest counts: STIX objects, MISP attributes.
 *
 * They are gone through twice, in the same order: first each is added with its id and time, then, once all are known,
 * each is asked for. That takes 64 octets a thing, whatever the documents that hold them take. Of versions with the
 * same time the one that came last counts.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "libweir/attributes.h"

enum { LATEST_MAX_ID = 47 }; /* characters of an id: "indicator--" and a UUID */

struct latest;

/* Returns NULL when out of memory. */
must_check struct latest *latest_new(void);
void latest_free(struct latest **latest);

/* Adds the next thing. One without an id ("") is a thing of its own; of an id that is too long only the first
 * LATEST_MAX_ID characters count. Returns 0, -ENOMEM, or -EFBIG: more than MAX_OBJECTS. */
must_check int latest_add(struct latest *latest, const char *id, uint64_t time);

/* To be called once, when all have been added. */
void latest_settle(struct latest *latest);

/* Whether the next thing is the newest of its id. */
must_check bool latest_next(struct latest *latest);
