/* SPDX-License-Identifier: BSD-3-Clause */
/* The newest version of each thing: STIX objects and MISP attributes may come several times, and the newest counts.
 *
 * The things are gone through twice, in the same order. In the first round each is added with its id and its time; in
 * the second each is asked about. That takes 64 octets a thing, however large the documents are. Of versions with the
 * same time the one that came last counts, of each content: who gives one id to two things means both. One thread.
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

/* Adds the next thing. `content` tells versions of the same time apart, if they are to be. A thing without an id ("") is the only version of itself. Of an id only the first
 * LATEST_MAX_ID characters count. Returns 0, -ENOMEM, or -EFBIG: more than MAX_OBJECTS. */
must_check int latest_add(struct latest *latest, const char *id, uint64_t time, uint32_t content);

/* Begins the second round. To be called once, after the last thing was added. */
void latest_settle(struct latest *latest);

/* Whether the next thing, in the order of the first round, is the newest version of its id. */
must_check bool latest_next(struct latest *latest);
