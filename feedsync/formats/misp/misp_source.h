/* SPDX-License-Identifier: BSD-3-Clause */
/* The event and the attribute that a rule of a MISP feed comes from. */
#pragma once

#include <stdint.h>

#include "feedsync/base/json.h"
#include "libweir/attributes.h"

struct misp_source {
	const struct node *event, *attribute; /* as read; valid while the sink is called */
};

/* The words of a threat level, 1 to 4 ("high", "medium", "low", "undefined"); NULL for another number. */
const char *misp_threat_level(uint64_t level);

/* The organisation that created the event, an object with "name" and "uuid"; NULL where that is not told. */
const struct node *misp_organisation(const struct node *event);

/* When the attribute was seen last: its last_seen, or else its last change; 0 = not told. */
uint64_t misp_last_seen(const struct node *attribute);
