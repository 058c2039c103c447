/* SPDX-License-Identifier: BSD-3-Clause */
/* Indicators of STIX 2.0 and 2.1: which of them are rules.
 *
 * An indicator counts if all of this holds:
 * - its pattern is in STIX's own language and holds names (stix_pattern.h);
 * - it is the newest version of its id, or one of several that are;
 * - it is neither revoked, nor past its valid_until, nor ahead of its valid_from, nor benign;
 * - no marking and no label forbids to use it (stix_markings.h). The feed's settings may allow it. Of two the stricter
 *   counts, also if it is for a part of the indicator only.
 *
 * Other objects say nothing about what is malicious, not even a domain-name that no indicator names.
 *
 * A name has the feed's scope, or stands for itself where MISP says that it was a hostname (misp:type="hostname"), or
 * OpenCTI does (hostname:value). "*.x" and ".x" mean x and what is below it. A URL without a path stands for its host.
 *
 * Objects are gone through twice, as latest.h says: noted first, then used.
 */
#pragma once

#include "feedsync/base/json.h"
#include "feedsync/formats/latest.h"
#include "feedsync/formats/stix/stix_markings.h"
#include "libweir/attributes.h"

struct parse;

/* The objects of a bundle, a TAXII envelope, or a bare array; NULL if the document is neither. */
const struct node *stix_objects(const struct node *document);

/* Notes the indicators among the objects, and the markings. Returns 0, or an error of latest_add or stix_markings_note. */
must_check int stix_note(const struct node *objects, struct latest *latest, struct stix_markings *markings);

/* Hands the rules of those that count to the sink. The parse's state are the markings. Returns 0, or what the sink's take returned. */
must_check int stix_rules(const struct node *objects, struct latest *latest, const struct parse *parse);
