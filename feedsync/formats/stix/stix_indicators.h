/* SPDX-License-Identifier: BSD-3-Clause */
/* STIX 2.1 indicators: which of them are rules.
 *
 * An indicator counts if its pattern is one of STIX's own and holds names (stix_pattern.h), it is the newest version of
 * its id, neither revoked nor past its valid_until, not benign, and no TLP marking forbids telling the subscribers'
 * resolver (TLP:RED and TLP:AMBER+STRICT of TLP 1 and 2, told by their fixed ids; a feed may be told to take them). Of
 * two markings the stricter counts, also where one is only for a part of the indicator. Other objects, among them a
 * domain-name that no indicator speaks of, say nothing about what is malicious.
 *
 * A name means what the feed's scope says, but only itself where MISP says that it was a hostname
 * (misp:type="hostname"). A URL that is no more than a host means that host.
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
