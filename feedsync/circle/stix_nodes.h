/* SPDX-License-Identifier: BSD-3-Clause */
/* Our items as STIX 2.1 has them: an indicator each, made by our identity, with marking definitions. Its id has the item's UUID.
 * One that is withdrawn is revoked, which is for ever: a name that is listed again is another item, with another id. One that
 * is over is told by valid_until alone. */
#pragma once

#include <stdint.h>

#include "feedsync/circle/rendering.h"

struct node;

/* More would be a document that hardly anybody can load: other formats are for that. */
enum { MAX_STIX_ITEMS = 20000 };

/* Returns 0, or -E2BIG with the reason, which names the other formats. */
must_check int stix_check_count(const struct release *release, struct why *why);

/* What indicators refer to: our identity, and the marking definitions of the markings that they have. From 0; returns false
 * behind the last. `*node` is NULL, or lacks a part, where there is no memory: printing fails then. */
must_check bool stix_common_node(const struct release *release, unsigned index, struct node **node);

struct node *stix_indicator_node(const struct release *release, const struct item *item);
