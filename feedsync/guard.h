/* What must never be blocked, whoever lists it. A guarded entry is dropped and reported; the rest of the feed goes on.
 */
#pragma once

#include <stdbool.h>

#include "attributes.h"
#include "entry.h"

struct guard;
struct why;

/* Loads the public suffix list at `path` (publicsuffix.org's text or a compiled file), or, for NULL, the newest that
 * this system has. Returns 0 and a guard to be freed, or -errno with the reason. */
must_check int guard_new(struct guard **guard, const char *path, struct why *why);
void guard_free(struct guard **guard);

/* Whether the rule must be dropped, and why. Private suffixes (dynamic DNS zones, hosting platforms) count as public
 * ones: everybody's names lie below them. Only a rule for a whole subtree is dangerous there. */
bool guard_refuses(const struct guard *guard, const struct rule *rule, enum reject *reject);
