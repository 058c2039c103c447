/* SPDX-License-Identifier: BSD-3-Clause */
/* MISP events: which of their attributes are rules (MISP core format, draft-dulaunoy-misp-core-format).
 *
 * An attribute counts if all of this holds:
 * - its event is not one of our own organisation that has come back;
 * - its type names a domain, and it is marked for detection (to_ids);
 * - neither the attribute nor its object is deleted;
 * - its role in an object is not that of a victim or of infrastructure;
 * - it was seen no longer ago than the feed's maximum age;
 * - no tag on it or on its event forbids its use: PAP:RED and PAP:AMBER (passive use only), TLP:RED and
 *   TLP:AMBER+STRICT (not for an organisation's clients), a confirmed false positive, a draft, incomplete or rejected
 *   workflow state. The feed's settings may allow PAP and TLP.
 *
 * Its category is the feed's, unless the feed maps what MISP says of it (misp_map.h). Types mean what they mean in MISP's
 * own RPZ export: a domain stands for everything below it too, a hostname for itself.
 */
#pragma once

#include "feedsync/base/digest.h"
#include "feedsync/base/json.h"
#include "feedsync/base/uuid.h"
#include "libweir/attributes.h"

struct why;
struct parse;

/* Finds the event in a document: MISP, its exports and other producers put different envelopes around it. NULL if there
 * is no event, or more than one. */
const struct node *misp_event(const struct node *document);

/* Hands the rules of an event to the sink. Returns 0, or what the sink's take returned. */
must_check int misp_event_rules(const struct node *event, const struct parse *parse);

/* The names of those objects that must be known to tell whether an attribute in them names an innocent: with others the
 * attribute's relation tells it. From 0; NULL behind the last. */
const char *misp_innocent_object(unsigned index);

/* The list of attributes in an answer of attributes/restSearch; NULL if the document is no such answer. */
const struct node *misp_attributes(const struct node *document);

/* Hands the rule of one of these attributes to the sink. The answer holds its event's tags (includeEventTags). Returns
 * 0, or what the sink's take returned. */
must_check int misp_attribute_rules(const struct node *attribute, const struct parse *parse);

/* One line of a feed's manifest. */
struct manifest_entry {
	char uuid[UUID_TEXT];     /* in the case of the manifest, which is that of the event's URL */
	uint64_t timestamp;       /* of the event's last change, seconds since 1970; 0 = not told */
	char sha256[SHA256_TEXT]; /* of the event's file, in lower case; "" = not told */
};

/* Reads a manifest: an object keyed by event UUIDs. Returns 0 with a malloc'ed array, or -EBADMSG, -ENOMEM. */
must_check int misp_manifest(
	const struct node *document, struct manifest_entry **entries, size_t *count, struct why *why);
