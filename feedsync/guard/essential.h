/* SPDX-License-Identifier: BSD-3-Clause */
/* Names that no feed may ever block, as too much stops working without them: how names are found, what time it is,
 * how systems get the updates that close their holes, how they find out that they are online, and whether a
 * certificate still holds.
 *
 * A rule for such a name is refused, and a rule for a subtree that holds one. A rule below such a name is refused
 * only where everything there belongs to the same keeper (a *zone*): below other names there may be a service's
 * customers. */
#pragma once

#include <stdbool.h>

#include "feedsync/entries/nameset.h"
#include "libweir/attributes.h"
#include "libweir/policy.h"

/* Adds all of them to an empty set and sorts it. Returns 0 or -ENOMEM. */
must_check int essential_load(struct nameset *set);

/* What a rule at `key` would hit, or NULL. `set` is that of essential_load. */
const struct nameset_entry *essential_hit(const struct nameset *set, const struct namekey *key, enum scope scope);

/* Whether a key is a registry's `nic` name, or stands directly below one: each top-level domain's "nic" is its
 * registry's (ICANN's registry agreement, specification 5), and its name servers are often called so. Further
 * below some registries have customers. */
bool essential_is_registry(const struct namekey *key);

/* What the name that an entry stands for is needed for. */
const char *essential_use(const struct nameset_entry *entry);
