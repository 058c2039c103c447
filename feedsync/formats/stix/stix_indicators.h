/* SPDX-License-Identifier: BSD-3-Clause */
/* STIX 2.1 indicators: which of them are rules.
 *
 * An indicator counts if all of this holds:
 * - its pattern is in STIX's own language and holds names (stix_pattern.h);
 * - it is the newest version of its id;
 * - it is neither revoked, nor past its valid_until, nor benign;
 * - no TLP marking forbids telling the subscribers' resolver: TLP:RED and TLP:AMBER+STRICT of TLP 1 and 2, known by
 *   their fixed ids. The feed's settings may allow them. Of two markings the stricter counts, also if it is for a part
 *   of the indicator only.
 *
 * Other objects say nothing about what is malicious, not even a domain-name that no indicator names.
 *
 * A name has the feed's scope, or stands for itself where MISP says that it was a hostname (misp:type="hostname"). A URL
 * without a path stands for its host.
 *
 * Objects are gone through twice, as latest.h says: noted first, then used.
 */
#pragma once

#include "feedsync/base/json.h"
#include "feedsync/formats/latest.h"
#include "libweir/attributes.h"

struct parse;

/* The objects of a bundle, a TAXII envelope, or a bare array; NULL if the document is neither. */
const struct node *stix_objects(const struct node *document);

/* Notes the indicators among the objects. Returns 0, or an error of latest_add. */
must_check int stix_note(const struct node *objects, struct latest *latest);

/* Hands the rules of those that count to the sink. Returns 0, or what the sink's take returned. */
must_check int stix_rules(const struct node *objects, struct latest *latest, const struct parse *parse);
