/* SPDX-License-Identifier: BSD-3-Clause */
/* MISP events: which of their attributes are rules (MISP core format, draft-dulaunoy-misp-core-format).
 *
 * An attribute counts if its type names a domain, it is marked for detection, neither it nor its object is deleted, its
 * role in an object is not that of a victim or of infrastructure, it was seen no longer ago than the feed's maximum
 * age, and no tag on it or its event forbids: PAP:RED and PAP:AMBER (passive use only), TLP:RED and TLP:AMBER+STRICT
 * (not for an organisation's clients; a feed may be told to take either), a confirmed false positive, an unfinished or
 * rejected workflow state. Its category is the feed's, unless the feed maps what MISP says of it (misp_map.h). Types
 * map as in MISP's own RPZ export: a domain stands for everything below it too, a hostname for itself.
 */
#pragma once

#include "feedsync/base/json.h"
#include "libweir/attributes.h"

struct why;
struct parse;

/* The event in a document, out of the envelopes that MISP, its exports and other producers put around it; NULL if there
 * is none, or more than one. */
const struct node *misp_event(const struct node *document);

/* Hands the rules of an event to the sink. Returns 0, or what the sink's take returned. */
must_check int misp_event_rules(const struct node *event, const struct parse *parse);

/* The attributes in an answer of attributes/restSearch; NULL if it is none. */
const struct node *misp_attributes(const struct node *document);

/* Hands the rule of one of them to the sink. Its event's tags come with it (includeEventTags). Returns 0, or what the
 * sink's take returned. */
must_check int misp_attribute_rules(const struct node *attribute, const struct parse *parse);

/* One line of a feed's manifest. */
struct manifest_entry {
	char uuid[37];      /* in the letters of the manifest: they are those of the event's URL */
	uint64_t timestamp; /* seconds since 1970, of the event's last change; 0 = not told */
};

/* Reads a manifest: an object keyed by event UUIDs. Returns 0 with a malloc'ed array, or -EBADMSG, -ENOMEM. */
must_check int misp_manifest(
	const struct node *document, struct manifest_entry **entries, size_t *count, struct why *why);
