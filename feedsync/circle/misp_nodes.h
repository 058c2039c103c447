/* SPDX-License-Identifier: BSD-3-Clause */
/* Our items as MISP has them (MISP core format). A subtree is an attribute "domain", an exact name a "hostname", as in MISP's
 * own RPZ export. One that is withdrawn or over is told as deleted, with a greater timestamp: what a file leaves out stays with
 * who has it. */
#pragma once

#include <stdint.h>

#include "feedsync/circle/rendering.h"

struct node;

/* An event: items of one category, of one month and of one TLP, none of which ever leaves it. */
struct misp_group {
	const struct item *const *items; /* in order (item_compare) */
	size_t count;
	uint64_t changed_at; /* the last change of any */
};

/* Tags of a marking: known words, or none; and the organisation that made an event. */
struct node *misp_tags_node(const struct marking *marking);
struct node *misp_orgc_node(const struct organisation *organisation);

/* Each returns NULL, or an object of which a part is missing, where there is no memory: printing fails then. */
struct node *misp_attribute_node(const struct item *item);

/* The event's members but for its attributes. */
struct node *misp_event_node(const struct release *release, const struct misp_group *group);

/* What the manifest tells of it, with the SHA-256 of its file. */
struct node *misp_manifest_node(const struct release *release, const struct misp_group *group, const char *sha256);
