/* SPDX-License-Identifier: BSD-3-Clause */
/* What all objects of STIX that we make refer to: our identity, and the definitions of markings. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "feedsync/config/share_config.h"
#include "feedsync/entries/marking.h"
#include "libweir/attributes.h"

struct node;

enum { STIX_ID = 64 }; /* room for an id of ours */

/* The id of our identity. Returns `id`. */
const char *stix_identity_id(const struct organisation *organisation, char id[STIX_ID]);

/* Our identity, and the definitions of the markings that are in use. From 0; returns false behind the last. `*node` is NULL, or
 * lacks a part, where there is no memory: printing fails then. */
must_check bool stix_reference_node(
	const struct organisation *organisation, struct markings used, unsigned index, struct node **node);

/* The ids of the definitions of a marking; TLP and PAP may be none. */
struct node *stix_marking_refs(const struct organisation *organisation, const struct marking *marking);

/* A time, seconds since 1970, as STIX writes it. */
struct node *stix_instant_node(uint64_t time);
