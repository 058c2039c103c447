/* SPDX-License-Identifier: BSD-3-Clause */
/* What markings and labels forbid: the Traffic Light Protocol (who may be told) and the Permissible Actions Protocol (what
 * may be done). A marking is known by what its definition in the document says. That is its TLP, its statement, its name, or
 * what OpenCTI says of it ("TLP:AMBER+STRICT", "PAP:RED"). The fixed ids of TLP 1, of TLP 2 and of OpenCTI are known
 * without a definition, which need not be sent.
 *
 * A definition may stand behind what it marks, or on a later page. So all of them are noted in the first round (latest.h).
 * A zeroed list is empty. One thread. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "feedsync/base/json.h"
#include "feedsync/entries/marking.h"
#include "libweir/attributes.h"

struct stix_marking;

struct stix_markings {
	struct stix_marking *list;
	size_t count, room;
	bool sorted;
};

/* Notes a marking-definition; other objects are none of its business. Returns 0 or -ENOMEM. */
must_check int stix_markings_note(struct stix_markings *markings, const struct node *object);

/* The markings of an indicator, of a part of it, and of its labels. */
struct markings stix_markings_of(struct stix_markings *markings, const struct node *indicator);

void stix_markings_free(struct stix_markings *markings);
